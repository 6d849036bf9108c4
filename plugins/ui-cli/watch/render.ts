import { unreachable } from '../../../sdk/base/unreachable.ts';
import { timestamp } from '../../../sdk/wording/time.ts';
import { describeAttempt, outcomeAppearance } from '../render/attempts.ts';
import { describeNotice } from '../render/sentences.ts';
import { renderOverview } from '../render/overview.ts';
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

type Heading = {
  readonly quit: Quit;
  /** Whether keys are read. Without them, only Ctrl-C works. */
  readonly hasKeys: boolean;
};

/** The live view: the sessions, what needs the user, and the last events. */
export function renderWatch(model: WatchModel, heading: Heading, view: View): string {
  const { connected, events, selected } = model;
  const lost = view.paint('yellow', 'The daemon does not answer. Waiting for it to come back…');
  const body = [...(connected ? [] : [lost]), ...renderOverview(model, view, selected).split('\n')];
  const tail = [
    ...(events.length > 0 ? ['', ...events.map(event => renderEvent(event, view))] : []),
    '',
    ...renderKeys(model, heading, view),
  ];
  return [...fitted(body, tail.length, view), ...tail].join('\n');
}

/** What fits above the last lines: all down to the table's titles, then the lines around the selected session. */
function fitted(body: readonly string[], below: number, { height = Infinity, paint }: View): readonly string[] {
  if (body.length + below <= height) return body;
  const top = body.findIndex(line => line.includes('STATE')) + 1;
  const room = Math.max(1, height - below - top - 1);
  const selected = body.findIndex(line => line.includes('›'));
  const middle = selected < 0 ? top : selected - Math.floor(room / 2);
  const start = Math.max(top, Math.min(middle, body.length - room));
  const hidden = body.length - top - room;
  return [...body.slice(0, top), ...body.slice(start, start + room), paint('dim', `… ${hidden} more lines`)];
}

function renderKeys({ showsHelp }: WatchModel, { quit, hasKeys }: Heading, { paint, width }: View): readonly string[] {
  const dim = (text: string) => paint('dim', truncate(text, width));
  if (!hasKeys) return [dim(`Ctrl-C: ${quit.about}`)];
  if (showsHelp) return keyHelp(quit).map(([keys, about]) => dim(`${keys.padEnd(10)} ${about}`));
  return [dim(`q ${quit.about.replace(/;.*/, '')} · r refresh now · p pause or resume · ↑↓ select · ? help`)];
}
