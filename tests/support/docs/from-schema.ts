import fc from 'fast-check';

/** The part of JSON Schema that our OpenRPC document uses. */
export type JsonSchema = {
  readonly $ref?: string;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly examples?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
};

/** Named schemas, as in `components.schemas` of an OpenRPC document. */
export type NamedSchemas = Readonly<Record<string, JsonSchema>>;

/**
 * Values that a schema allows, or nearly: rules that only the server knows, such as the form of a duration, are
 * sometimes missed.
 */
export function valuesOf(schema: JsonSchema, named: NamedSchemas): fc.Arbitrary<unknown> {
  const inner = (part: JsonSchema) => valuesOf(part, named);
  if (schema.$ref !== undefined) return inner(named[schema.$ref.replace('#/components/schemas/', '')] ?? {});
  const { type, enum: listed, anyOf, oneOf, items, properties, required, examples, minimum, maximum } = schema;
  if ('const' in schema) return fc.constant(schema.const);
  if (listed) return fc.constantFrom(...listed);
  const choices = anyOf ?? oneOf;
  if (choices) return fc.oneof(...choices.map(inner));
  switch (type) {
    case 'string':
      return fc.oneof(...(examples ? [{ weight: 4, arbitrary: fc.constantFrom(...examples) }] : []), fc.string());
    case 'integer':
      return fc.oneof(
        fc.maxSafeInteger(),
        fc.integer({ min: Math.max(minimum ?? 0, -1_000), max: Math.min(maximum ?? 1_000, 1_000) }),
      );
    case 'number':
      return fc.double({ min: minimum ?? 0, max: maximum ?? 1_000, noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(items ? inner(items) : fc.jsonValue(), { maxLength: 4 });
    case 'object': {
      const members = Object.fromEntries(
        Object.entries(properties ?? {}).map(([name, member]) => [name, inner(member)]),
      );
      return fc.record<Record<string, unknown>>(members, { requiredKeys: [...(required ?? [])] });
    }
    default:
      return fc.jsonValue();
  }
}
