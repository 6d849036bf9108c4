import type { Logger } from './logger.ts';
import type { Exec } from './process.ts';
import type { Notice } from '../contract/session.ts';

export type NotifierContext = {
  readonly signal: AbortSignal;
  readonly log: Logger;
  readonly exec: Exec;
  readonly fetch: typeof globalThis.fetch;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Registers a secret, so that no log and no error shows it. */
  readonly conceal: (secret: string) => void;
};

/** Delivers notices to the user. */
export interface NotifierPlugin {
  readonly kind: 'notifier';
  readonly id: string;
  /** Where its notices appear, as the end of "Notices appear …": `on this desktop`. [through the plugin and its id] */
  readonly place?: string | undefined;
  /** Why notices cannot be delivered on this machine; undefined if they can. Delivers nothing. */
  unavailable?(context: NotifierContext): Promise<string | undefined>;
  /**
   * Delivers a notice that was just raised. Rejects if it cannot be delivered. If the channel was not reached
   * (`offline()`, or the error of a request), it is called again later.
   */
  raise(notice: Notice, context: NotifierContext): Promise<Receipt | void>;
  /** Delivers notices that were raised together as one message, perhaps by `digestOf`. [each is raised alone] */
  raiseMany?(notices: readonly Notice[], context: NotifierContext): Promise<Receipt | void>;
  /**
   * Withdraws a notice whose cause has ended. `receipt` is the one of its message, if the channel gave one. A message
   * with several notices is withdrawn once, with the last of them, and `notice` is the `digestOf` all of them.
   */
  clear?(notice: Notice, context: NotifierContext, receipt?: Receipt): Promise<void>;
}

/** Identifies a message in its channel, so that it can be edited or deleted later. No secret: it is kept in a file. */
export type Receipt = string;

export const defineNotifier = (notifier: Omit<NotifierPlugin, 'kind'>): NotifierPlugin => ({
  ...notifier,
  kind: 'notifier',
});
