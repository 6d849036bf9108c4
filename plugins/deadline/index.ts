import { z } from 'zod';
import { PLAIN_ID } from '../../sdk/base/plugin-id.ts';
import { shellWord } from '../../sdk/base/shell-word.ts';
import type { RefreshOutcome } from '../../sdk/contract/outcome.ts';
import { policyShape } from '../../sdk/contract/policy-schema.ts';
import { checkOptions } from '../../sdk/plugin/options.ts';
import { defineProvider, type ProviderPlugin } from '../../sdk/plugin/provider.ts';
import { fingerprintOf } from '../../sdk/recipes/store/json-store.ts';

const A_TIME = 'expected a date such as 2027-03-01, or a time such as 2027-03-01T09:00:00Z';

/** With seconds or without, in a zone or on this machine's clock. */
const TIMES = [z.iso.datetime({ local: true, offset: true }), z.iso.datetime({ precision: -1, offset: true })];

const MAX_AHEAD_MS = 20 * 365 * 86_400_000;

const end = z
  .union([z.iso.date(), ...TIMES, z.date()], { error: A_TIME })
  .transform(endFrom)
  .refine(at => at.getTime() > 0, { error: 'expected a time after 1970' })
  .refine(at => at.getTime() <= Date.now() + MAX_AHEAD_MS, { error: 'expected a time within 20 years' });

const Options = z.strictObject({
  id: z.string().regex(PLAIN_ID, 'Use lower-case letters, digits and dashes.'),
  displayName: z.string().min(1).optional(),
  /** When the login ends. A date means the start of that day, on this machine's clock. */
  expiresAt: end,
  /** The command that makes another one. */
  renew: z.string().min(1).max(200).optional(),
  /** How long before the end to warn. [the policy's `warn`] */
  warn: policyShape.warn.optional(),
});

export type DeadlineOptions = z.input<typeof Options>;

/** Warns before the end of a login, token or key that nothing can renew. Only its end is known, and no credential. */
export default function deadline(options: DeadlineOptions): ProviderPlugin {
  const { id, displayName = id, expiresAt, renew: command, warn } = checkOptions(Options, options);
  const method = 'observe';
  const ends = { expiresAt, loginExpiresAt: expiresAt };
  const renew = renewalOf({ id, displayName: options.displayName, renew: command, warn });
  return defineProvider({
    id,
    displayName,
    // Warnings have their own times, so the next look is at the end.
    policy: { schedule: { mode: 'before-expiry', buffer: '0s' }, jitter: 0, ...(warn && { warn }) },
    async refresh({ now }): Promise<RefreshOutcome> {
      if (now() < expiresAt.getTime()) return { status: 'fresh', ...ends, method };
      return { status: 'login-required', hint: renew, proof: 'It has ended, and nothing can renew it.', method };
    },
    async inspect() {
      return {
        present: true,
        method,
        ...ends,
        loginEndIsFixed: true,
        fingerprint: fingerprintOf(expiresAt.toISOString()),
        renew,
      };
    },
  });
}

type Named = Pick<DeadlineOptions, 'id' | 'displayName' | 'renew' | 'warn'>;

/** Longer ones would be cut off, and the rest of the sentence with them. */
const MAX_OPTIONS = 120;

/** What the user does, as sentences. The plugin does not know where its options come from. */
function renewalOf({ id, displayName, renew, warn }: Named): string {
  const given = [
    ...(renew === undefined ? [] : [`renew=${shellWord(renew)}`]),
    ...(warn === undefined ? [] : [`warn=${warn.join(',') || 'none'}`]),
    ...(displayName === undefined ? [] : [`displayName=${shellWord(displayName)}`]),
  ].join(' ');
  const options = given.length > MAX_OPTIONS ? '…' : given;
  const again = `keepalive add deadline --id ${id} expiresAt=DATE ${options}`.trimEnd();
  return (
    `${renew === undefined ? 'Renew it' : `Renew it with \`${renew}\``}. ` +
    `Then run \`keepalive remove ${id}\` and \`${again}\`. ` +
    'If it is in a configuration file, change `expiresAt` there instead.'
  );
}

const A_DATE = /^(\d{4})-(\d\d)-(\d\d)$/;

/**
 * The time that an option means. A date alone is the start of that day on this machine's clock, because the login may
 * end at any time of that day. YAML makes a Date at midnight UTC of a date.
 */
function endFrom(value: string | Date): Date {
  const text = typeof value === 'string' ? value : value.toISOString().replace('T00:00:00.000Z', '');
  const [, year, month, day] = A_DATE.exec(text) ?? [];
  return year === undefined ? new Date(text) : new Date(Number(year), Number(month) - 1, Number(day));
}
