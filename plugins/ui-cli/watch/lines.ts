import { unreachable } from '../../../sdk/base/unreachable.ts';
import { timestamp } from '../../../sdk/wording/time.ts';
import { describeAttempt, outcomeAppearance } from '../render/attempts.ts';
import { describeNotice } from '../render/sentences.ts';
import type { Style, View } from '../render/view.ts';
import { oneLine, truncate } from '../render/width.ts';
import { keyHelp, type Quit } from './keys.ts';
import type { WatchEvent, WatchModel } from './model.ts';

/** An event on one line that starts with the local time. */
export function renderEvent(event: WatchEvent, { paint, width }: View): string {
  const time = timestamp(event.at);
  const [symbol, style, text] = partsOf(event);
  return `${paint('dim', time)} ${paint(style, symbol)} ${truncate(oneLine(text), width - time.length - 3)}`;
}

function partsOf(event: WatchEvent): readonly [symbol: string, style: Style, text: string] {
  switch (event.kind) {
    case 'attempt': {
      const { symbol, style } = outcomeAppearance(event.attempt.outcome);
      return [symbol, style, `${event.attempt.id} ${describeAttempt(event.attempt)}`];
    }
    case 'raised': {
      const text = describeNotice(event.notice);
      return event.notice.level === 'info' ? ['✓', 'green', text] : ['▲', 'yellow', text];
    }
    case 'cleared':
      return ['✓', 'green', `Cleared: ${event.notice.title}`];
    case 'message':
      return ['·', 'dim', event.text];
    default:
      return unreachable(event);
  }
}

export type KeyLine = {
  readonly quit: Quit;
  /** Whether keys are read. Without them, only Ctrl-C works. */
  readonly hasKeys: boolean;
};

/** What the keys do, on one line or as help. */
export function renderKeys(
  { showsHelp }: WatchModel,
  { quit, hasKeys }: KeyLine,
  { paint, width }: View,
): readonly string[] {
  const dim = (text: string) => paint('dim', truncate(text, width));
  if (!hasKeys) return [dim(`Ctrl-C: ${quit.about}`)];
  if (showsHelp) return keyHelp(quit).map(([keys, about]) => dim(`${keys.padEnd(10)} ${about}`));
  return [dim(`q ${quit.about.replace(/;.*/, '')} · r refresh now · p pause or resume · ↑↓ select · ? help`)];
}
