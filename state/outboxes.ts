import type { InjectionToken } from 'tsyringe';
import { isRecord } from '../sdk/base/json.ts';
import { writeDurably } from '../runtime/files/durable.ts';
import { recall } from '../runtime/files/own-file.ts';
import { RepeatedWrite } from '../runtime/files/repeated-write.ts';
import type { KernelLog } from '../runtime/log/log.ts';
import { MIGRATIONS } from './migrations.ts';
import { Outbox, understandOutbox, type OutboxContent } from './outbox.ts';

const versions = MIGRATIONS.notices;

/** What notifiers have still to deliver, and how a message is withdrawn, across restarts. */
export interface Outboxes {
  /** The outbox of a notifier. */
  of(id: string): Outbox;
  /** Forgets those of all other notifiers. */
  keepOnly(ids: readonly string[]): void;
  /** Resolves when everything is on disk. */
  flush(): Promise<void>;
}
export const Outboxes = Symbol('Outboxes') as InjectionToken<Outboxes>;

type NoticesFile = { readonly version: number; readonly notifiers: Readonly<Record<string, OutboxContent>> };

/** Opens `notices.json`. Changes are written later, and one write at a time. */
export async function openOutboxes(file: string, log: KernelLog): Promise<Outboxes> {
  const { notifiers, ...others } = await recall(file, log, { versions, understand });
  const outboxes = new Map(Object.entries(notifiers).map(([id, content]) => [id, new Outbox(content, save)]));

  function write(): Promise<void> {
    const contents = [...outboxes].map(([id, { content }]) => [id, content] as const).filter(isUsed);
    return writeDurably(file, JSON.stringify({ ...others, notifiers: Object.fromEntries(contents) }));
  }
  const warn = (error: unknown): void => log.warn({ file, err: error }, 'the notices that are held could not be saved');
  const writing = new RepeatedWrite(write, warn);

  function save(): void {
    void writing.run();
  }

  return {
    of(id) {
      const outbox = outboxes.get(id) ?? new Outbox({ waiting: [], messages: [] }, save);
      outboxes.set(id, outbox);
      return outbox;
    },
    keepOnly(ids) {
      const gone = [...outboxes.keys()].filter(id => !ids.includes(id));
      for (const id of gone) outboxes.delete(id);
      if (gone.length > 0) save();
    },
    flush: () => writing.end(),
  };
}

/** An outbox has an entry in the file while it holds anything. */
const isUsed = ([, content]: readonly [string, OutboxContent]): boolean =>
  Object.values(content).some(member => !Array.isArray(member) || member.length > 0);

function understand(json: unknown): NoticesFile {
  const { notifiers, ...others } = isRecord(json) ? json : {};
  const entries = Object.entries(isRecord(notifiers) ? notifiers : {});
  return {
    ...others,
    version: versions.current,
    notifiers: Object.fromEntries(entries.map(([id, content]) => [id, understandOutbox(content)])),
  };
}
