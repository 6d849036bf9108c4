import type { NoticeLevel } from '../../sdk/contract/session.ts';
import { MARKS, settledLabel, type Message } from '../../sdk/recipes/notice/message.ts';
import { clip } from '../../sdk/recipes/notice/text.ts';

const COLOURS: Readonly<Record<NoticeLevel, number>> = {
  info: 0x3498db,
  warning: 0xe67e22,
  error: 0xe74c3c,
};
/** A description has at most 4096 characters. Escaped ones count twice. */
const LONGEST_TEXT = 2_000;

/** The line that a notification of Discord shows. */
export const newsOf = ({ level, title }: Message): string => `${MARKS[level]} **${escapeMarkdown(title)}**`;

/** The text beside a bar in the colour of its level. */
export const embedsOf = ({ level, text }: Message): readonly object[] =>
  text === '' ? [] : [{ description: escapeMarkdown(clip(text, LONGEST_TEXT)), color: COLOURS[level] }];

export const settledNews = (message: Message): string =>
  `${MARKS.settled} ${settledLabel(message)}: ~~${escapeMarkdown(message.title)}~~`;

/** Escapes what Discord reads as formatting, but keeps commands as code. */
const escapeMarkdown = (text: string): string =>
  text
    .split(/(`[^`\n]+`)/)
    .map((part, index) => (index % 2 === 1 ? part : part.replace(/[\\`*_~|>#[\]()-]/g, '\\$&')))
    .join('');
