import { PLAIN } from '../runtime/log/option-secrets.ts';

/** True for cyclic or absurdly large values, such as YAML whose few lines refer to one another a billion times. */
export function isEndless(value: unknown, room = { left: 100_000 }, depth = 0): boolean {
  if ((room.left -= 1) < 0 || depth > 500) return true;
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).some(member => isEndless(member, room, depth + 1))
  );
}

/** A plugin's options for a support bundle: their form, and the values that cannot be secret. */
export function outlineOf(value: unknown, name = ''): unknown {
  if (typeof value === 'string') return PLAIN.has(name) ? value : (originOf(value) ?? '[text]');
  if (typeof value === 'function' || typeof value === 'bigint' || typeof value === 'symbol') return `[${typeof value}]`;
  // Only the program of a command is shown: its arguments may contain secrets.
  if (Array.isArray(value))
    return value.map((member, index) => outlineOf(member, COMMANDS.has(name) && index === 0 ? 'program' : name));
  if (typeof value !== 'object' || value === null) return value;
  // The members of `paths` are named like secrets, but contain only their places.
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      outlineOf(member, name === 'paths' || name === 'alive' ? 'paths' : key),
    ]),
  );
}

const COMMANDS = new Set(['run', 'status']);

/** The origin of a URL; the rest of it may be secret. */
function originOf(text: string): string | undefined {
  if (!/^https?:/.test(text) || !URL.canParse(text)) return undefined;
  const { origin, pathname, search } = new URL(text);
  return pathname + search === '/' ? origin : `${origin}/…`;
}
