import { WITHOUT_FILE } from '../../config/resolve.ts';
import { NotifierCalls, NotifierRules } from '../../kernel/notices/dependencies.ts';
import { Notifiers } from '../../kernel/notices/notifiers.ts';
import { ContextFactory } from '../../kernel/plugins/context-factory.ts';
import { createScheduler, type Scheduler } from '../../kernel/scheduler/scheduler.ts';
import type { ConfigHolder } from '../../kernel/wiring/tokens.ts';
import { silentLog, type KernelLog } from '../../runtime/log/log.ts';
import { Scrubber } from '../../runtime/log/redact.ts';
import type { NoticesConfig } from '../../sdk/contract/config.ts';
import { locateHome } from '../../sdk/system/home.ts';
import { Outbox } from '../../state/outbox.ts';
import type { Outboxes } from '../../state/outboxes.ts';
import type { Settings } from '../../state/settings.ts';

/** Each notice alone, at once. */
export const AT_ONCE: NoticesConfig = { digest: '0s' };

type Given = {
  readonly settings: Settings;
  readonly log?: KernelLog;
  readonly scrubber?: Scrubber;
  readonly contexts?: ContextFactory;
  readonly config?: ConfigHolder;
  readonly outboxes?: Outboxes;
  readonly scheduler?: Scheduler;
};

export const configOf = (notices: NoticesConfig): ConfigHolder => ({ current: { ...WITHOUT_FILE, notices } });

/** The kernel's notifiers. What is not given is new, and notices are delivered at once. */
export function makeNotifiers({
  settings,
  log = silentLog(),
  scrubber = new Scrubber(),
  contexts = contextsOf(log, scrubber),
  config = configOf(AT_ONCE),
  outboxes = memoryOutboxes(),
  scheduler = createScheduler(),
}: Given): Notifiers {
  return new Notifiers(new NotifierCalls(contexts, log), new NotifierRules(config, settings), outboxes, scheduler);
}

function contextsOf(log: KernelLog, scrubber: Scrubber): ContextFactory {
  const home = locateHome({ KEEPALIVE_HOME: '/nowhere' });
  return new ContextFactory({ home, version: '0', startedAt: 0, env: {}, armed: true }, log, scrubber);
}

/** Outboxes that are kept in memory. */
export function memoryOutboxes(): Outboxes {
  const outboxes = new Map<string, Outbox>();
  return {
    of(id) {
      const outbox = outboxes.get(id) ?? new Outbox({ waiting: [], messages: [] }, () => undefined);
      outboxes.set(id, outbox);
      return outbox;
    },
    keepOnly(ids) {
      for (const id of outboxes.keys()) if (!ids.includes(id)) outboxes.delete(id);
    },
    flush: async () => undefined,
  };
}
