/**
 * How long the process of a plugin must not be killed after a function of its context was called. A function says so in
 * a table beside its definition.
 */
export type Critical =
  /** It may be killed at any time: the function only reads, or changes files in one step. */
  | 'never'
  /** Until the call has settled. */
  | 'until-settled'
  /** Until the function that the call resolved to has been called. If it resolves to nothing, until then. */
  | 'until-released'
  /** Until one of these methods of the result has been called. */
  | { readonly until: readonly string[] }
  /** Until the attempt is over. */
  | 'until-attempt-ends';

type AnyFunction = (...given: never[]) => unknown;

/** What a function of this type can declare. Some calls are critical and others not, such as `fetch`. */
type CriticalOf<F> = F extends (...given: infer Given) => Promise<infer Result>
  ? CriticalResult<Result> | ((...given: Given) => CriticalResult<Result>)
  : 'never';

type CriticalResult<Result> = Exclude<Critical, object> | { readonly until: readonly (keyof Result & string)[] };

/** Declares every function of `T`, and of the groups of functions in it. It does not compile if one is left out. */
export type CriticalTable<T> = {
  readonly [Name in keyof T]: T[Name] extends AnyFunction ? CriticalOf<T[Name]> : CriticalTable<T[Name]>;
};
