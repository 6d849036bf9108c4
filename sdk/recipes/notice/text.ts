import type { Notice } from '../../contract/session.ts';

/** A place on the web, with or without a scheme. Each part reads a text once, because a text may be long. */
const ADDRESSES: readonly RegExp[] = [
  /(?<![\w+.-])[a-z][\w+.-]*:\/\/\S+/gi,
  /(?<![\w.-])www\.\S+/gi,
  /(?<![\w.@/~\\-])(?:localhost|(?:[\w-]{1,63}\.){1,8}[a-z]{2,24}|\d{1,3}(?:\.\d{1,3}){3})(?::\d{1,5})?\/\S*/gi,
];

/** An e-mail address, also a masked one. */
const MAILBOX =
  /(?:mailto:)?(?<![^\s<>"'`(),:;[\]])[^\s@<>"'`(),:;[\]]{1,64}@(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,24}/gu;

/**
 * The text without web and e-mail addresses. A hint of a vendor may contain a link that signs in, and messages are
 * stored on foreign servers.
 */
export const withoutAddresses = (text: string): string =>
  ADDRESSES.reduce((clean, address) => clean.replace(address, '[link]'), text).replace(MAILBOX, '[address]');

/** The body and the action, without repeating the same text. */
export const textOf = ({ body, action }: Pick<Notice, 'body' | 'action'>): string =>
  [...new Set([body, action])].filter(Boolean).join('\n');

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Escapes text for what reads markup: HTML, a desktop, Slack. */
export const escapeMarkup = (text: string): string => text.replace(/[&<>]/g, character => ENTITIES[character] ?? '');

/** The text in HTML, with commands as code. */
export const toHtml = (text: string): string => escapeMarkup(text).replace(/`([^`\n]+)`/g, '<code>$1</code>');

/** At most this many UTF-16 units, without half a character at the end. */
export const clip = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most - 1).replace(/\p{Surrogate}$/u, '')}…`;
