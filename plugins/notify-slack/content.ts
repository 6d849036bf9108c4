import { formatted, MARKS, settledLabel, type Message } from '../../sdk/recipes/notice/message.ts';
import { clip, escapeMarkup } from '../../sdk/recipes/notice/text.ts';

/** A block has at most 3000 characters. An escaped character counts as several. */
const LONGEST_BLOCK = 3_000;

/** A message of Slack: a block, and the text that its notifications show. */
export function contentOf(message: Message): object {
  const news = `${MARKS[message.level]} ${escapeMarkup(message.title)}`;
  const bold = (title: string) => `*${escapeMarkup(title)}*`;
  return withBlock(news, formatted(message, LONGEST_BLOCK, { bold, plain: escapeMarkup }));
}

export function settledContent(message: Message): object {
  const text = `${MARKS.settled} ${settledLabel(message)}: ~${escapeMarkup(message.title)}~`;
  return withBlock(text, text);
}

function withBlock(text: string, section: string): object {
  const shown = clip(section, LONGEST_BLOCK).replace(/&\w*…$/, '…');
  // `verbatim`: Slack makes no links and mentions of plain words.
  return { text, blocks: [{ type: 'section', text: { type: 'mrkdwn', verbatim: true, text: shown } }] };
}
