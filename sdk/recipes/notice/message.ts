import type { Notice, NoticeLevel } from '../../contract/session.ts';
import { clip, textOf, toHtml, withoutAddresses } from './text.ts';

/** A notice as a channel shows it: without web and e-mail addresses. */
export type Message = {
  readonly level: NoticeLevel;
  /** With the name of the machine. */
  readonly title: string;
  /** What happened, and what to do. May be empty. */
  readonly text: string;
};

const LONGEST_TITLE = 200;

/** The message about a notice. Read on another device, it says on which machine to act. `machine` may be empty. */
export function messageOf(notice: Notice, machine: string): Message {
  const isNamed = machine !== '';
  const { body, action } = notice;
  const advice = action !== undefined && action !== body && isNamed ? `On ${machine}: ${action}` : action;
  const title = clip(withoutAddresses(notice.title).replace(/\s+/g, ' '), LONGEST_TITLE);
  return {
    level: notice.level,
    title: isNamed ? `${title} (${machine})` : title,
    text: withoutAddresses(textOf({ body, action: advice })),
  };
}

type Format = { readonly bold: (title: string) => string; readonly plain: (text: string) => string };

/** The message in the format of a channel: the title in bold, and below it at most so many characters of the text. */
export const formatted = ({ level, title, text }: Message, most: number, { bold, plain }: Format): string =>
  [bold(`${MARKS[level]} ${title}`), text && plain(clip(text, most))].filter(Boolean).join('\n');

/** The message as plain text. */
export const plainOf = (message: Message, most: number): string =>
  formatted(message, most, { bold: title => title, plain: text => text });

/** The message as a paragraph of HTML. */
export const htmlOf = (message: Message, most: number): string =>
  `<p>${formatted(message, most, AS_HTML).replaceAll('\n', '<br>')}</p>`;

const AS_HTML: Format = { bold: title => `<strong>${toHtml(title)}</strong>`, plain: toHtml };

/** How a level is shown where a message is text. */
export const MARKS: Readonly<Record<NoticeLevel | 'settled', string>> = {
  info: '🔵',
  warning: '🟠',
  error: '🔴',
  settled: '✅',
};

/** What a withdrawn message says before its title. The cause of a warning may have ended in another way. */
export const settledLabel = ({ level }: Message): string => (level === 'error' ? 'Resolved' : 'No longer applies');
