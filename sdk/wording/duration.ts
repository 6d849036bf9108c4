/** `short` for labels and tables, `long` for sentences. */
export type Form = 'short' | 'long';
type Unit = 'ms' | 's' | 'm' | 'h' | 'd';

const NAMES: Readonly<Record<Form, Readonly<Record<Unit, string>>>> = {
  short: { ms: 'ms', s: 's', m: 'min', h: 'h', d: 'day' },
  long: { ms: 'millisecond', s: 'second', m: 'minute', h: 'hour', d: 'day' },
};

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function amountOf(amount: number | string, unit: Unit, form: Form): string {
  const hasPlural = form === 'long' || unit === 'd';
  return `${amount} ${NAMES[form][unit]}${hasPlural && Number(amount) !== 1 ? 's' : ''}`;
}

/** A length of time, rounded to what is useful: `12 s`, `3 min`, `1 h 30 min`, `14 h`, `3 days`. */
export function describeMs(ms: number, form: Form = 'short'): string {
  const seconds = Math.round(ms / 1_000);
  const minutes = Math.round(ms / MINUTE);
  if (seconds < 60) return amountOf(Math.max(0, seconds), 's', form);
  if (minutes < 60) return amountOf(minutes, 'm', form);
  if (minutes < 10 * 60) {
    const rest = minutes % 60;
    return [amountOf(Math.floor(minutes / 60), 'h', form), ...(rest ? [amountOf(rest, 'm', form)] : [])].join(' ');
  }
  if (ms < 2 * DAY) return amountOf(Math.round(ms / HOUR), 'h', form);
  return amountOf(Math.round(ms / DAY), 'd', form);
}

/** How long something took: `340 ms`, `1.2 s`, `2 min`. */
export function describeElapsed(ms: number): string {
  if (ms < 1_000) return amountOf(Math.max(0, Math.round(ms)), 'ms', 'short');
  return ms < MINUTE ? amountOf((ms / 1_000).toFixed(1), 's', 'short') : describeMs(ms);
}

const isUnit = (text: string): text is Unit => Object.hasOwn(NAMES.short, text);

/** A duration as policies have it: `30m` is `30 min` or `30 minutes`. Any other text is returned unchanged. */
export function describeDuration(duration: string, form: Form = 'short'): string {
  const [, amount = '', unit = ''] = /^(\d+(?:\.\d+)?)([a-z]+)$/.exec(duration) ?? [];
  return isUnit(unit) ? amountOf(amount, unit, form) : duration;
}
