import { z } from 'zod';
import { PLAIN_ID } from '../../sdk/base/plugin-id.ts';
import { toMs } from '../../sdk/contract/duration.ts';
import { warmUpScheduleShape } from '../../sdk/contract/warmup-options-schema.ts';

export const optionsSchema = z
  .strictObject({
    id: z.string().regex(PLAIN_ID, 'Use lower-case letters, digits and dashes.'),
    ...warmUpScheduleShape,
  })
  .refine(({ at, every }) => (at === undefined) !== (every === undefined), {
    error: 'Give either the times of day (at) or an interval (every).',
    path: ['at'],
  })
  .refine(({ every, perDay }) => every === undefined || perDay !== undefined, {
    error: 'With every, say how many prompts may be sent on one day. Each uses some of the quota.',
    path: ['perDay'],
  })
  .refine(({ at }) => at === undefined || new Set(at.map(padded)).size === at.length, {
    error: 'A time of day is there twice.',
    path: ['at'],
  });

export type WarmUpOptions = z.input<typeof optionsSchema>;

/** The options as they were checked. */
export type Checked = z.output<typeof optionsSchema>;

/** The options with their defaults. */
export type Settings = {
  readonly id: string;
  readonly session: string;
  readonly at: readonly string[];
  readonly everyMs: number | undefined;
  readonly days: readonly string[] | undefined;
  readonly timezone: string | undefined;
  readonly skip: readonly string[];
  /** How late a run may be, in milliseconds. */
  readonly lateMs: number;
  readonly perDay: number;
  readonly model: string | undefined;
};

/** A busy machine is late too. */
const BUSY_MS = 2 * 60_000;

export function settingsOf(options: Checked): Settings {
  const { id, session, at = [], every, days, timezone, skip = [], missed = 'skip', perDay = 1, model } = options;
  return {
    id,
    session,
    at: at.map(padded),
    everyMs: every === undefined ? undefined : toMs(every),
    days,
    timezone,
    skip,
    lateMs: missed === 'skip' ? BUSY_MS : Math.max(BUSY_MS, toMs(missed)),
    perDay,
    model,
  };
}

const padded = (time: string): string => time.padStart(5, '0');
