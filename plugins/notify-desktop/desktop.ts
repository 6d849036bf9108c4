import type { NotifierContext } from '../../sdk/plugin/notifier.ts';
import type { Notice } from '../../sdk/contract/session.ts';

/** Shows notices on one platform. */
export type Desktop = {
  /** Why it cannot show notices. */
  readonly unavailable?: (context: NotifierContext) => Promise<string | undefined>;
  readonly show: (notice: Notice, context: NotifierContext) => Promise<void>;
  /** Undefined if the platform cannot withdraw a notice. */
  readonly withdraw?: (notice: Notice, context: NotifierContext) => Promise<void>;
};

/** The body and the action, without repeating the same text. */
export const textOf = ({ body, action }: Notice): string => [...new Set([body, action])].filter(Boolean).join('\n');

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Escapes text for a desktop that reads markup. */
export const escapeMarkup = (text: string): string => text.replace(/[&<>]/g, character => ENTITIES[character] ?? '');
