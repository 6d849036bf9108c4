import type { NotifierContext, Receipt } from '../../sdk/plugin/notifier.ts';
import type { Notice } from '../../sdk/contract/session.ts';

/** Shows notices on one platform. */
export type Desktop = {
  /** Why it cannot show notices. */
  readonly unavailable?: (context: NotifierContext) => Promise<string | undefined>;
  readonly show: (notice: Notice, context: NotifierContext) => Promise<Receipt | void>;
  /** Undefined if the platform cannot withdraw a notice. */
  readonly withdraw?: (notice: Notice, context: NotifierContext, receipt?: Receipt) => Promise<void>;
};
