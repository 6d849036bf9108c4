import { isKeepaliveError, KeepaliveError } from '../../../sdk/contract/errors.ts';
import type { Addable } from '../../../sdk/plugin/addable.ts';
import { describeProblem } from '../../../sdk/plugin/describe.ts';
import { invalidParams } from '../context/exit.ts';
import { UsageError } from '../context/options.ts';

/** The plugin would report these too, but not in the words of this command. */
export function requireOptions({ plugin, options }: Addable, given: Readonly<Record<string, unknown>>): void {
  const missing = options.filter(({ name, required }) => required && !has(given, name.split('.')));
  const names = [...(given['id'] === undefined && missing.length > 0 ? ['id'] : []), ...missing.map(one => one.name)];
  if (names.length > 0) throw new UsageError(`${plugin} also needs ${names.join(', ')}. See \`keepalive add --help\`.`);
}

const has = (at: unknown, [name = '', ...rest]: readonly string[]): boolean => {
  const value: unknown = typeof at === 'object' && at !== null ? Reflect.get(at, name) : undefined;
  return value !== undefined && (rest.length === 0 || has(value, rest));
};

/** The error in the words of this command. */
export function explained(error: unknown, { plugin }: Addable): unknown {
  const problems = invalidParams(error);
  if (problems) {
    const lines = problems.map(
      ({ path, message }) => `  ${describeProblem({ path: path.replace(/^options\.?/, ''), message })}`,
    );
    return new UsageError([`${plugin} cannot be added like this:`, ...lines].join('\n'));
  }
  if (!isKeepaliveError(error) || error.code !== 'KA_PLUGIN_DUPLICATE_ID') return error;
  const { id, added } = error.details;
  const other = `Give this one another: \`keepalive add ${plugin} --id ${String(id)}-2 …\`.`;
  // A second one with the same id is mostly meant to take the place of the first.
  const hint = added === true ? `${other} To replace the first, run \`keepalive remove ${String(id)}\` before.` : other;
  return new KeepaliveError(error.code, { id, hint });
}
