/** Ends a `switch` over a union: a member that it leaves out does not compile. */
export function unreachable(value: never): never {
  throw new TypeError(`Unexpected value: ${JSON.stringify(value)}`);
}
