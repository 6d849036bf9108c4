import { isRecord } from '../base/json.ts';

type Environment = Readonly<Record<string, unknown>>;

let known: boolean | undefined;

/** Whether times of day are written with AM and PM. Looked up once. */
export function usesTwelveHours(): boolean {
  known ??= isTwelveHours(environment());
  return known;
}

/** The same for an environment of Node, or for a browser, which has none. */
export function isTwelveHours(env: Environment | undefined): boolean {
  const locale = env && localeOf(env);
  if (env && locale === undefined) return false;
  try {
    const { hourCycle } = new Intl.DateTimeFormat(locale, { hour: 'numeric' }).resolvedOptions();
    return hourCycle === 'h11' || hourCycle === 'h12';
  } catch {
    return false;
  }
}

/** As C libraries find the locale of times: `en_US.UTF-8` is `en-US`. `C`, `POSIX` and no locale have 24 hours. */
function localeOf(env: Environment): string | undefined {
  const named = ['LC_ALL', 'LC_TIME', 'LANG'].map(name => env[name]).find(value => value !== undefined && value !== '');
  if (typeof named !== 'string') return undefined;
  const locale = named.replace(/[.@].*$/, '').replaceAll('_', '-');
  return locale === 'C' || locale === 'POSIX' ? undefined : locale;
}

/** `process` is not a name in a browser. */
function environment(): Environment | undefined {
  const host: unknown = Reflect.get(globalThis, 'process');
  return isRecord(host) && isRecord(host['env']) ? host['env'] : undefined;
}
