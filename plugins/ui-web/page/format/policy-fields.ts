import { toMs, type Duration } from '../../../../sdk/contract/duration.ts';
import type { Policy, PolicyPatch } from '../../../../sdk/contract/policy.ts';
import { describeDuration } from '../../../../sdk/wording/duration.ts';
import { describeValue, NONE, percent } from './policy-values.ts';
import { NOT_A_DURATION, parseDuration } from './schedule-form.ts';

/** What the text of a field means: a change of the policy, or why it means nothing. */
export type Parsed = { readonly patch: PolicyPatch } | { readonly problem: string };

type About = {
  /** As the configuration names it: `backoff.initial`. */
  readonly key: string;
  readonly label: string;
  readonly hint: string;
};

/** A value that the user writes. */
export type TextField = About & {
  readonly kind: 'text';
  readonly show: (policy: Policy) => string;
  readonly parse: (text: string, policy: Policy) => Parsed;
};

/** A value that is on or off. */
export type SwitchField = About & { readonly kind: 'switch'; readonly key: 'renewEarly' | 'account' };

export type Field = TextField | SwitchField;

/** The member of the policy that a field is a part of. It is reset as a whole. */
export const memberOf = ({ key }: About): string => key.split('.')[0] ?? key;

type Limits = { readonly min: Duration; readonly max: Duration };
const ANY: Limits = { min: '0s', max: '360d' };
const INTERVAL: Limits = { min: '100ms', max: '360d' };
const TIME_LIMIT: Limits = { min: '100ms', max: '24d' };

type Parts<T> = { readonly get: (policy: Policy) => T; readonly set: (value: T, policy: Policy) => PolicyPatch };

const durationField = (about: About, limits: Limits, { get, set }: Parts<Duration>): TextField => ({
  ...about,
  kind: 'text',
  show: policy => describeDuration(get(policy)),
  parse(text, policy) {
    const duration = parseDuration(text);
    if (duration === undefined) return { problem: NOT_A_DURATION };
    const problem = limitProblem(duration, limits);
    return problem === undefined ? { patch: set(duration, policy) } : { problem };
  },
});

function limitProblem(duration: Duration, { min, max }: Limits): string | undefined {
  if (toMs(duration) < toMs(min)) return `At least ${describeDuration(min)}.`;
  return toMs(duration) > toMs(max) ? `At most ${describeDuration(max)}.` : undefined;
}

type Range = { readonly min: number; readonly max: number; readonly whole: boolean };

const numberField = (about: About, { min, max, whole }: Range, { get, set }: Parts<number>): TextField => ({
  ...about,
  kind: 'text',
  show: policy => String(get(policy)),
  parse(text, policy) {
    const value = numberIn(text);
    const isValid = value !== undefined && value >= min && value <= max && (!whole || Number.isInteger(value));
    if (isValid) return { patch: set(value, policy) };
    return { problem: `Write a ${whole ? 'whole ' : ''}number from ${min} to ${max}.` };
  },
});

const numberIn = (text: string): number | undefined =>
  /^\d+(?:[.,]\d+)?$/.test(text.trim()) ? Number(text.trim().replace(',', '.')) : undefined;

const MAX_WARNINGS = 10;

const WARN: TextField = {
  key: 'warn',
  label: 'Warn before the login ends',
  hint: 'You get a notice this long before a login ends, such as 7 days, 3 days. Or write: none.',
  kind: 'text',
  show: ({ warn }) => describeValue('warn', warn),
  parse(text) {
    const parts = [NONE, ''].includes(text.trim()) ? [] : text.split(',').map(parseDuration);
    const warn = parts.filter(lead => lead !== undefined);
    if (warn.length < parts.length) return { problem: `${NOT_A_DURATION} Put commas between several.` };
    if (warn.length > MAX_WARNINGS) return { problem: `At most ${MAX_WARNINGS} durations.` };
    const problem = warn.map(lead => limitProblem(lead, INTERVAL)).find(Boolean);
    return problem === undefined ? { patch: { warn } } : { problem };
  },
};

const JITTER: TextField = {
  key: 'jitter',
  label: 'Spread',
  hint: 'Attempts are moved by up to this part of their interval, so that they do not come all at once.',
  kind: 'text',
  show: ({ jitter }) => percent(jitter),
  parse(text) {
    const value = numberIn(text.replace(/\s*%\s*$/, ''));
    if (value === undefined || value > 100) return { problem: 'Write a percentage from 0 to 100, such as 10 %.' };
    return { patch: { jitter: value / 100 } };
  },
};

/** Every value of a policy but `enabled` and `schedule`, which have their own controls. */
export const FIELDS: readonly Field[] = [
  durationField(
    {
      key: 'refreshBefore',
      label: 'Renew before expiry',
      hint: 'A check is moved to this long before a known expiry. The schedule "Before expiry" has its own time.',
    },
    ANY,
    { get: policy => policy.refreshBefore, set: refreshBefore => ({ refreshBefore }) },
  ),
  {
    key: 'renewEarly',
    label: 'Renew early',
    hint: 'Renews from half of the lifetime on, so that a computer that sleeps through the expiry loses nothing.',
    kind: 'switch',
  },
  durationField(
    { key: 'minInterval', label: 'Shortest interval', hint: 'At least this long passes between two attempts.' },
    INTERVAL,
    { get: policy => policy.minInterval, set: minInterval => ({ minInterval }) },
  ),
  numberField(
    { key: 'retries', label: 'Retries', hint: 'How often a failed check is repeated before its next regular time.' },
    { min: 0, max: 100, whole: true },
    { get: policy => policy.retries, set: retries => ({ retries }) },
  ),
  durationField({ key: 'backoff.initial', label: 'First wait', hint: 'The wait before the first retry.' }, INTERVAL, {
    get: ({ backoff }) => backoff.initial,
    set: (initial, { backoff }) => ({ backoff: { ...backoff, initial } }),
  }),
  numberField(
    { key: 'backoff.factor', label: 'Wait factor', hint: 'Each further wait is this many times as long.' },
    { min: 1, max: 100, whole: false },
    { get: ({ backoff }) => backoff.factor, set: (factor, { backoff }) => ({ backoff: { ...backoff, factor } }) },
  ),
  durationField(
    { key: 'backoff.max', label: 'Longest wait', hint: 'No wait between retries is longer than this.' },
    INTERVAL,
    { get: ({ backoff }) => backoff.max, set: (max, { backoff }) => ({ backoff: { ...backoff, max } }) },
  ),
  numberField(
    {
      key: 'maxFailures',
      label: 'Give up after',
      hint: 'After this many failures in a row you get a notice, and the session is checked only once a day.',
    },
    { min: 1, max: 1_000, whole: true },
    { get: policy => policy.maxFailures, set: maxFailures => ({ maxFailures }) },
  ),
  durationField({ key: 'timeout', label: 'Time limit', hint: 'A check that takes longer is stopped.' }, TIME_LIMIT, {
    get: policy => policy.timeout,
    set: timeout => ({ timeout }),
  }),
  JITTER,
  WARN,
  {
    key: 'account',
    label: 'Show the account',
    hint: 'The account is shown here and in a terminal, masked, if the credential names it.',
    kind: 'switch',
  },
];
