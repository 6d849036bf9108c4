import { printableLine } from '../../sdk/base/printable.ts';

// Names, hints and titles come from plugins and vendors. The editor finds markup in all of its texts.

/** For an item or a line of a list, where `$(name)` would become an icon. */
export const asLabel = (text: string): string => printableLine(text).replaceAll('$(', '$ (');

/** For a message, where `[text](command:name)` would become a link that runs a command. */
export const asMessage = (text: string): string => printableLine(text).replaceAll('](', '] (');

/** For Markdown: no link, no table, no icon. */
export const asMarkdown = (text: string): string => escaped(printableLine(text));

/** The same, with commands in backquotes as code. */
export const asMarkdownWithCode = (text: string): string =>
  printableLine(text)
    .split(/(`[^`]+`)/)
    .map(part => (/^`[^`]+`$/.test(part) ? part.replaceAll('|', ' ') : escaped(part)))
    .join('');

/** All punctuation except parentheses, because the editor reads `\$(name)` as an escaped icon. */
const MARKUP = /[!-'*-/:-@[-`{-~]/g;

const escaped = (text: string): string => text.replaceAll(MARKUP, '\\$&');
