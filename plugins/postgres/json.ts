/** A value as the database takes it: `jsonb` refuses the character zero, and half of a pair of surrogates. */
export const toJsonb = (value: unknown): string =>
  JSON.stringify(value, (_name, member: unknown) =>
    typeof member === 'string' ? member.replaceAll('\0', '').replace(/\p{Surrogate}/gu, '\uFFFD') : member,
  );
