import { isRecord } from '../../../../sdk/base/json.ts';
import type { Schedule } from '../../../../sdk/contract/policy.ts';
import type { ConfigView } from '../../../../sdk/contract/rpc.ts';
import { ORIGIN_LABELS } from '../../../../sdk/wording/labels.ts';
import { describeDuration } from '../../../../sdk/wording/duration.ts';
import { describeSchedule } from '../../../../sdk/wording/schedule.ts';

/** A value in force, and where it comes from. */
export type PolicyValue = ConfigView['values'][number];

export const valueOf = ({ values }: ConfigView, session: string, key: string): PolicyValue | undefined =>
  values.find(value => value.session === session && value.key === key);

/** An empty list. */
export const NONE = 'none';

/** A value of a policy in words: `30 min`, `yes`, `daily at 09:00`. */
export function describeValue(key: string, value: unknown): string {
  if (key === 'jitter' && typeof value === 'number') return percent(value);
  if (typeof value === 'string') return describeDuration(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (isSchedule(value)) return describeSchedule(value);
  if (Array.isArray(value)) return value.map(one => describeDuration(String(one))).join(', ') || NONE;
  if (isRecord(value))
    return Object.values(value)
      .map(String)
      .map(one => describeDuration(one))
      .join(' · ');
  return String(value);
}

/** Where a value comes from, as seen from this page. */
export const originText = (value: Pick<PolicyValue, 'origin'> | undefined): string =>
  value?.origin === 'settings' ? 'set here' : ORIGIN_LABELS[value?.origin ?? 'default'];

export const percent = (fraction: number): string => `${Number((fraction * 100).toFixed(2))} %`;

const isSchedule = (value: unknown): value is Schedule => isRecord(value) && typeof value['mode'] === 'string';
