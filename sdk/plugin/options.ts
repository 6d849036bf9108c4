import { KeepaliveError } from '../contract/errors.ts';
import { checkValue, isZod, type Problem } from '../contract/problems.ts';

export type { Problem } from '../contract/problems.ts';

/** The part of Standard Schema (standardschema.dev) that is used here. zod, valibot and arktype implement it. */
export interface OptionsSchema<T> {
  readonly '~standard': {
    readonly validate: (value: unknown) => SchemaResult<T> | Promise<SchemaResult<T>>;
  };
}

type SchemaResult<T> =
  | { readonly value: T; readonly issues?: undefined }
  | {
      readonly issues: readonly {
        readonly message: string;
        readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
      }[];
    };

/** The options after validation by the schema. Throws `KA_CONFIG_INVALID` with every problem in `details.problems`. */
export function checkOptions<T>(schema: OptionsSchema<T>, options: unknown): T {
  if (isZod<T>(schema)) {
    const checked = checkValue(schema, options ?? {});
    if (checked.ok) return checked.value;
    throw new KeepaliveError('KA_CONFIG_INVALID', { problems: checked.problems });
  }
  const result = schema['~standard'].validate(options ?? {});
  if (result instanceof Promise) throw new TypeError('The schema of plugin options must not be asynchronous.');
  if (!result.issues) return result.value;
  const problems = result.issues.map(({ message, path = [] }): Problem => ({
    path: path.map(segment => String(typeof segment === 'object' ? segment.key : segment)).join('.'),
    message,
  }));
  throw new KeepaliveError('KA_CONFIG_INVALID', { problems });
}
