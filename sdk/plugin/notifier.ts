import type { Logger } from './logger.ts';
import type { Exec } from './process.ts';
import type { Notice } from '../contract/session.ts';

export type NotifierContext = {
  readonly signal: AbortSignal;
  readonly log: Logger;
  readonly exec: Exec;
  readonly fetch: typeof globalThis.fetch;
};

/** Delivers notices to the user. */
export interface NotifierPlugin {
  readonly kind: 'notifier';
  readonly id: string;
  /** Where its notices appear, as the end of "Notices appear …": `on this desktop`. [through the plugin and its id] */
  readonly place?: string | undefined;
  /** Why notices cannot be delivered on this machine; undefined if they can. Delivers nothing. */
  unavailable?(context: NotifierContext): Promise<string | undefined>;
  /** Delivers a notice that was just raised. Rejects if it cannot be delivered. */
  raise(notice: Notice, context: NotifierContext): Promise<void>;
  /** Withdraws a notice whose cause has ended. */
  clear?(notice: Notice, context: NotifierContext): Promise<void>;
}

export const defineNotifier = (notifier: Omit<NotifierPlugin, 'kind'>): NotifierPlugin => ({
  ...notifier,
  kind: 'notifier',
});
