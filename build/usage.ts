/** A script was called with something that it does not know. */
export class UsageError extends Error {}

const isUsage = (error: unknown): error is Error =>
  error instanceof UsageError ||
  (error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'));

/** Runs a script, and sets the exit code: 0 if all is well, 1 if not, 2 for a call that it does not understand. */
export async function asScript(usage: string, work: () => Promise<boolean>): Promise<void> {
  try {
    if (process.argv.includes('--help')) console.log(usage);
    else process.exitCode = (await work()) ? 0 : 1;
  } catch (error) {
    if (!isUsage(error)) throw error;
    console.error(`${error.message}\n\n${usage}`);
    process.exitCode = 2;
  }
}

/** Returns the number above 0 that an option names. Throws a `UsageError` for anything else. */
export function positive(option: string, text: string, max = Number.MAX_VALUE): number {
  const number = Number(text);
  if (number > 0 && number <= max) return number;
  const limit = max === Number.MAX_VALUE ? '' : ` and at most ${max}`;
  throw new UsageError(`--${option} must be a number above 0${limit}${text && `, not ${text}`}.`);
}

/** The same for a whole number. */
export function whole(option: string, text: string, max = Number.MAX_SAFE_INTEGER): number {
  const number = positive(option, text, max);
  if (Number.isInteger(number)) return number;
  throw new UsageError(`--${option} must be a whole number, not ${text}.`);
}

/** Throws a `UsageError` unless the name is one of those that there are. */
export function known(what: string, name: string, names: readonly string[]): string {
  if (names.includes(name)) return name;
  throw new UsageError(`There is no ${what} ${name}. There are: ${names.join(', ')}.`);
}
