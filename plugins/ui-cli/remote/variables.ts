import { wantsColour, type Output } from '../context/screen.ts';

type Env = Readonly<Record<string, string | undefined>>;

type Here = {
  readonly env: Env;
  readonly out: Output;
  /** Whether the command gets a terminal there, which tells its width and colours itself. */
  readonly isTerminal: boolean;
};

/** What a user sets for all programs. */
const WISHES = ['NO_COLOR', 'FORCE_COLOR', 'CLICOLOR', 'CLICOLOR_FORCE'];

/**
 * The variables that make the output there as it would be here. Not the time zone: schedules are in that of the other
 * machine, so the times beside them are, too.
 */
export function variablesFor({ env, out, isTerminal }: Here): Readonly<Record<string, string>> {
  const wishes = Object.fromEntries(WISHES.flatMap(name => (env[name] ? [[name, env[name]]] : [])));
  if (isTerminal) return wishes;
  const columns = out.columns ?? (Number(env['COLUMNS']) || undefined);
  return {
    ...wishes,
    ...(columns !== undefined && { COLUMNS: String(columns) }),
    ...(out.isTTY && { FORCE_COLOR: wantsColour(env, true) ? '1' : '0' }),
  };
}
