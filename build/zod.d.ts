// The part of Zod's types that the declarations of the package use: what a schema accepts, and what it returns. They
// are shipped with this file instead of Zod, whose types alone are larger than the package.

export interface ZodType<Output = unknown, Input = unknown> {
  readonly _zod: Types<Output, Input>;
}

type Types<Output, Input> = { readonly output: Output; readonly input: Input };
type IsOptional = { readonly optional: true };
type MayBeAbsent = { readonly mayBeAbsent: true };

export type output<S extends ZodType> = S['_zod']['output'];
export type input<S extends ZodType> = S['_zod']['input'];

export interface ZodString extends ZodType<string, string> {}
export interface ZodISODate extends ZodType<string, string> {}
export interface ZodNumber extends ZodType<number, number> {}
export interface ZodInt extends ZodType<number, number> {}
export interface ZodBoolean extends ZodType<boolean, boolean> {}
export interface ZodNull extends ZodType<null, null> {}
export interface ZodDate extends ZodType<Date, Date> {}
export interface ZodUnknown extends ZodType {}
export interface ZodLiteral<Value> extends ZodType<Value, Value> {}
export interface ZodEnum<Names> extends ZodType<Names[keyof Names], Names[keyof Names]> {}

export interface ZodNullable<S extends ZodType> extends ZodType<output<S> | null, input<S> | null> {}
export interface ZodArray<S extends ZodType> extends ZodType<output<S>[], input<S>[]> {}
export interface ZodRecord<Key extends ZodType<string>, S extends ZodType> extends ZodType<
  Record<output<Key>, output<S>>,
  Record<output<Key>, input<S>>
> {}
export interface ZodTransform<Output, Input> extends ZodType<Output, Input> {}
export interface ZodPipe<First extends ZodType, Second extends ZodType> extends ZodType<output<Second>, input<First>> {}

export interface ZodOptional<S extends ZodType> {
  readonly _zod: Types<output<S> | undefined, input<S> | undefined> & IsOptional & MayBeAbsent;
}
export interface ZodDefault<S extends ZodType> {
  readonly _zod: Types<Exclude<output<S>, undefined>, input<S> | undefined> & MayBeAbsent;
}

export interface ZodUnion<Choices extends readonly ZodType[]> extends ZodType<
  output<Choices[number]>,
  input<Choices[number]>
> {}
export interface ZodDiscriminatedUnion<
  Choices extends readonly ZodType[],
  _Member extends string,
> extends ZodUnion<Choices> {}

export interface ZodTuple<Items extends readonly ZodType[], _Rest = null> {
  readonly _zod: Types<TupleOutput<Items>, TupleInput<Items>>;
}
type TupleOutput<Items> = Items extends readonly [...infer First extends ZodType[], infer Last extends ZodType]
  ? Last['_zod'] extends IsOptional
    ? [...TupleOutput<First>, output<Last>?]
    : [...TupleOutput<First>, output<Last>]
  : [];
type TupleInput<Items> = Items extends readonly [...infer First extends ZodType[], infer Last extends ZodType]
  ? Last['_zod'] extends MayBeAbsent
    ? [...TupleInput<First>, input<Last>?]
    : [...TupleInput<First>, input<Last>]
  : [];

export type ZodRawShape = Readonly<Record<string, ZodType>>;

export interface ZodObject<Shape, Unknown = core.$strip> {
  readonly _zod: Types<ObjectOutput<Shape, Unknown>, ObjectInput<Shape, Unknown>>;
}
type ObjectOutput<Shape, Unknown> = keyof (Shape & Unknown) extends never
  ? Record<string, never>
  : Flat<
      { -readonly [K in keyof Shape as IsOptionalIn<Shape[K]> extends true ? never : K]: OutputOf<Shape[K]> } & {
        -readonly [K in keyof Shape as IsOptionalIn<Shape[K]> extends true ? K : never]?: OutputOf<Shape[K]>;
      } & Unknown
    >;
type ObjectInput<Shape, Unknown> = keyof (Shape & Unknown) extends never
  ? Record<string, never>
  : Flat<
      { -readonly [K in keyof Shape as MayLack<Shape[K]> extends true ? never : K]: InputOf<Shape[K]> } & {
        -readonly [K in keyof Shape as MayLack<Shape[K]> extends true ? K : never]?: InputOf<Shape[K]>;
      } & Unknown
    >;
type IsOptionalIn<S> = S extends { readonly _zod: IsOptional } ? true : false;
type MayLack<S> = S extends { readonly _zod: MayBeAbsent } ? true : false;
type OutputOf<S> = S extends ZodType ? output<S> : never;
type InputOf<S> = S extends ZodType ? input<S> : never;
type Flat<T> = { [K in keyof T]: T[K] };

export declare namespace core {
  type $ZodType = ZodType;
  type $strict = {};
  type $strip = {};
  type $loose = Record<string, unknown>;
}
