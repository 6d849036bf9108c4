import { unreachable } from '../../../sdk/base/unreachable.ts';
import { timestamp } from '../../../sdk/wording/time.ts';
import { describeAttempt, outcomeAppearance } from '../render/attempts.ts';
import { describeNotice } from '../render/sentences.ts';
import { renderOverview } from '../render/overview.ts';
import type { Style, View } from '../render/view.ts';
import { oneLine, truncate } from '../render/width.ts';
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

/** The live view: the sessions, what needs the user, and the last events. */
export function renderWatch(model: WatchModel, heading: string, view: View): string {
  return [
    view.paint('dim', truncate(heading, view.width)),
    ...(model.connected ? [] : [view.paint('yellow', 'The daemon does not answer. Waiting for it to come back…')]),
    '',
    renderOverview(model, view),
    ...(model.events.length ? ['', ...model.events.map(event => renderEvent(event, view))] : []),
  ].join('\n');
}
