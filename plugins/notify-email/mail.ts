import { htmlOf, MARKS, plainOf, settledLabel, type Message } from '../../sdk/recipes/notice/message.ts';
import { toHtml } from '../../sdk/recipes/notice/text.ts';

/** What a message says. */
export type MailContent = {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly priority: 'high' | 'normal';
};

const LONGEST_TEXT = 10_000;

export const mailOf = (message: Message): MailContent => ({
  subject: message.title,
  text: plainOf(message, LONGEST_TEXT),
  html: htmlOf(message, LONGEST_TEXT),
  priority: message.level === 'error' ? 'high' : 'normal',
});

/** The reply to the message about something that has ended. */
export function settledMail(message: Message): MailContent {
  const text = `${MARKS.settled} ${settledLabel(message)}: ${message.title}`;
  return {
    subject: `${settledLabel(message)}: ${message.title}`,
    text,
    html: `<p>${toHtml(text)}</p>`,
    priority: 'normal',
  };
}
