import { z } from 'zod';
import type { Instant } from '../../sdk/contract/session.ts';
import type { UsageWindow } from '../../sdk/contract/rpc.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const SHORT = 5 * HOUR;

/** A reset that is further ahead makes no sense. The clock of this machine may be wrong by an hour. */
const FURTHEST: Readonly<Record<UsageWindow['kind'], number>> = { short: SHORT + HOUR, week: 8 * DAY };

/** A share of the window. It may be more than all of it. A number above this is in another unit. */
const LARGEST_SHARE = 2;

/** A member of the wrong type counts as absent, so that it does not hide the others. */
const lenient = <T extends z.ZodType>(schema: T) => schema.optional().catch(undefined);

const numbers = { utilization: lenient(z.number()), resetsAt: lenient(z.number()) };
const limitsSchema = z.object({
  status: lenient(z.string()),
  isUsingOverage: lenient(z.boolean()),
  rateLimitType: lenient(z.string()),
  ...numbers,
  unifiedWindows: lenient(z.object({ five_hour: lenient(z.object(numbers)), seven_day: lenient(z.object(numbers)) })),
});
const resultSchema = z.object({
  type: z.literal('result'),
  is_error: z.boolean(),
  api_error_status: lenient(z.number()),
  total_cost_usd: lenient(z.number()),
  result: lenient(z.string()),
  errors: lenient(z.array(z.string())),
});
const eventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('rate_limit_event'), rate_limit_info: limitsSchema }),
  resultSchema,
]);

/** What claude says about the limits of the account. Times are in seconds since the epoch. */
export type Limits = z.infer<typeof limitsSchema>;
/** How a prompt ended. */
export type Result = z.infer<typeof resultSchema>;

export type Events = { readonly limits: Limits | undefined; readonly end: Result | undefined };

/** The last of each kind that `claude -p --output-format stream-json` printed. Anything else is passed over. */
export function readEvents(stdout: string): Events {
  const events = stdout.split('\n').flatMap(line => eventSchema.safeParse(parse(line)).data ?? []);
  return {
    limits: events.findLast(event => event.type === 'rate_limit_event')?.rate_limit_info,
    end: events.findLast(event => event.type === 'result'),
  };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // A notice that claude or a wrapper of it printed between the events.
    return undefined;
  }
}

/** The windows whose reset makes sense. Some releases report only the one that is nearest to its limit. */
export function windowsOf(limits: Limits | undefined, now: Instant): readonly UsageWindow[] {
  const of = (type: string) => (limits?.rateLimitType === type ? limits : undefined);
  return [
    ...toWindow('short', limits?.unifiedWindows?.five_hour ?? of('five_hour'), now),
    ...toWindow('week', limits?.unifiedWindows?.seven_day ?? of('seven_day'), now),
  ];
}

type Numbers = Pick<Limits, 'utilization' | 'resetsAt'>;

function toWindow(kind: UsageWindow['kind'], given: Numbers | undefined, now: Instant): readonly UsageWindow[] {
  const resetsAt = Math.round((given?.resetsAt ?? Number.NaN) * 1_000);
  if (!(resetsAt > now && resetsAt <= now + FURTHEST[kind])) return [];
  const usedPercent = percentOf(given?.utilization);
  return [{ kind, usedPercent, startsAt: kind === 'short' ? resetsAt - SHORT : undefined, resetsAt }];
}

const percentOf = (share: number | undefined): number | undefined =>
  share !== undefined && share >= 0 && share <= LARGEST_SHARE
    ? Math.min(100, Math.round(share * 1_000) / 10)
    : undefined;
