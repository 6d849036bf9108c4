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
  /** Shows a notice that was just raised. */
  raise(notice: Notice, context: NotifierContext): Promise<void>;
  /** Withdraws a notice whose cause has ended. */
  clear?(notice: Notice, context: NotifierContext): Promise<void>;
}

export const defineNotifier = (notifier: Omit<NotifierPlugin, 'kind'>): NotifierPlugin => ({
  ...notifier,
  kind: 'notifier',
});
