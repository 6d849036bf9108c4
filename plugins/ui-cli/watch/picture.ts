import type { Happening, WatchModel } from './model.ts';
import { describeAttempt, outcomeSymbol } from '../render/attempts.ts';
import { describeNotice } from '../render/notice.ts';
import { renderOverview } from '../render/sessions.ts';
import { timestamp } from '../render/time.ts';
import type { View } from '../render/view.ts';
import { oneLine, truncate } from '../render/width.ts';

/** What happened, in a line that starts with the local time. */
export function renderHappening(happening: Happening, { paint, width }: View): string {
  const time = timestamp(happening.at);
  const [symbol, style, text] = parts(happening);
  const line = truncate(oneLine(text), width - time.length - 3);
  return `${paint('dim', time)} ${paint(style, symbol)} ${line}`;
}

function parts(happening: Happening) {
  switch (happening.kind) {
    case 'attempt': {
      const { symbol, style } = outcomeSymbol(happening.attempt.outcome);
      return [symbol, style, `${happening.attempt.id} ${describeAttempt(happening.attempt)}`] as const;
    }
    case 'raised': {
      const text = describeNotice(happening.notice);
      return happening.notice.level === 'info' ? (['✓', 'green', text] as const) : (['▲', 'yellow', text] as const);
    }
    case 'cleared':
      return ['✓', 'green', `No more: ${happening.notice.title}`] as const;
    case 'said':
      return ['·', 'dim', happening.text] as const;
  }
}

/** The picture of a live screen: the sessions, what needs a person, and what happened last. */
export function renderWatch(model: WatchModel, heading: string, view: View): string {
  return [
    view.paint('dim', truncate(heading, view.width)),
    ...(model.connected ? [] : [view.paint('yellow', 'The daemon does not answer. Waiting for it to come back…')]),
    '',
    renderOverview(model, view),
    ...(model.happenings.length ? ['', ...model.happenings.map(happening => renderHappening(happening, view))] : []),
  ].join('\n');
}
