import type { NotifierContext } from '../../sdk/plugin/notifier.ts';
import type { Notice } from '../../sdk/contract/session.ts';

/** Where notices are shown. */
export type Desktop = {
  readonly show: (notice: Notice, context: NotifierContext) => Promise<void>;
  /** Where the platform can take back what it showed. */
  readonly withdraw?: (notice: Notice, context: NotifierContext) => Promise<void>;
};

/** What happened, and what to do about it where that is not the same. */
export const textOf = ({ body, action }: Notice): string => [...new Set([body, action])].filter(Boolean).join('\n');
