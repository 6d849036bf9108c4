import postgres from '../../../plugins/postgres/index.ts';
import { KeepaliveError } from '../../../sdk/contract/errors.ts';
import type { Duration } from '../../../sdk/contract/duration.ts';
import { DEFAULT_POLICY } from '../../../sdk/contract/policy.ts';
import type { Attempt, Session } from '../../../sdk/contract/session.ts';
import type { FleetConnection, FleetContext, FleetTrouble, Holding } from '../../../sdk/plugin/fleet.ts';
import { onTestFinished } from '../running-test.ts';
import { FLEET_KEY } from './scene.ts';

/** A machine of a fleet without a daemon: the plugin alone. It ends with the test. */
export type Machine = FleetConnection & {
  readonly troubles: (FleetTrouble | undefined)[];
  /** All that was logged, as text. */
  readonly log: string[];
  readonly concealed: string[];
  /** What the plugin reads as files. Members may be changed. */
  readonly files: Record<string, string | undefined>;
  /** The last trouble, if it has not ended. */
  readonly trouble: () => FleetTrouble | undefined;
};

export type MachineParts = {
  readonly url: string;
  readonly machine?: string;
  readonly key?: string;
  readonly instance?: string;
  readonly lease?: Duration;
};

/** Heartbeats and retries come within a second. */
export const QUICK_LEASE = '3s';

export function openMachine({ url, machine = 'laptop', key = FLEET_KEY, ...more }: MachineParts): Machine {
  const files: Record<string, string | undefined> = { '/url': url, '/key': key };
  const log: string[] = [];
  const concealed: string[] = [];
  const context: FleetContext = {
    log: recording(log),
    version: '0.0.0-test',
    instance: more.instance ?? `instance of ${machine}`,
    conceal: secret => void concealed.push(secret),
    readSecret: async path => {
      const text = files[path];
      if (text === undefined) throw new KeepaliveError('KA_FLEET_FILE', { path, problem: 'does not exist' });
      return text;
    },
  };
  const plugin = postgres({ urlFile: '/url', keyFile: '/key', machine, lease: more.lease ?? QUICK_LEASE });
  const connection = plugin.open(context);
  onTestFinished(() => connection.close());
  // Before this, nothing is sent.
  connection.lease.onShares(() => undefined);
  const troubles: (FleetTrouble | undefined)[] = [];
  connection.onTrouble(trouble => void troubles.push(trouble));
  return { ...connection, troubles, log, concealed, files, trouble: () => troubles.at(-1) };
}

function recording(lines: string[]): FleetContext['log'] {
  const line = (...given: readonly unknown[]) => void lines.push(given.map(textOf).join(' '));
  return { debug: line, info: line, warn: line, error: line };
}

/** Errors with all that they carry. */
const textOf = (value: unknown): string =>
  JSON.stringify(value, (_name, member: unknown) =>
    member instanceof Error ? { ...member, message: member.message, stack: member.stack } : member,
  );

export const holdingOf = (session: string, login: string, more: Partial<Holding> = {}): Holding => ({
  session,
  login,
  store: `/store/of/${session}`,
  isKept: true,
  spent: [],
  ...more,
});

export const sessionOf = (id: string, more: Partial<Session> = {}): Session => ({
  id,
  displayName: id,
  provider: 'oauth',
  method: 'redeem',
  state: { name: 'alive', wakeAt: 1_800_000_000_000, wakeWhy: 'on schedule' },
  policy: DEFAULT_POLICY,
  ...more,
});

export const attemptOf = (id: string, more: Partial<Attempt> = {}): Attempt => ({
  id,
  startedAt: 1_700_000_000_000,
  endedAt: 1_700_000_000_100,
  reason: 'schedule',
  method: 'redeem',
  outcome: 'refreshed',
  failures: 0,
  ...more,
});
