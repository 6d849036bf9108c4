import type { Instant, Session } from '../../sdk/contract/session.ts';
import type { Elsewhere } from '../../sdk/client/follow-fleet.ts';
import { attentionOf, type Attention, type Overview } from '../../sdk/wording/attention.ts';
import { headlineOf, NOT_RUNNING } from '../../sdk/wording/headline.ts';
import { nameLabel } from '../../sdk/wording/session-line.ts';
import { STATUS_LABELS, statusOf, type StatusTone } from '../../sdk/wording/status.ts';
import { asLabel } from './foreign-text.ts';
import { ABSENT_ICON, EMPTY_ICON, iconOf, toneOf, WARNING_ICON } from './icons.ts';
import type { Kernel, StatusItem } from './model.ts';
import { absentTooltip, overviewTooltip } from './tooltip.ts';

/** For a daemon that this version cannot show. */
export const UNKNOWN_ITEM: StatusItem = {
  text: '$(question) Keepalive',
  label: 'Keepalive: update the extension',
  tooltip: 'The daemon is of a later version than this extension. Update the extension.',
};

/** The status bar has room for this much, beside the items of other extensions. */
const MAX_LENGTH = 44;

/** The worst state, with all sessions in the tooltip. */
export function statusItemOf(kernel: Kernel, now: Instant): StatusItem {
  if (kernel.is === 'absent')
    return { ...shown(ABSENT_ICON, NOT_RUNNING), tooltip: absentTooltip(NOT_RUNNING, kernel.reason) };
  const { overview, elsewhere } = kernel;
  const attention = attentionOf(overview, now);
  const [worst] = attention;
  const tooltip = overviewTooltip(kernel, attention, now);
  if (worst) return { ...needing(worst, attention.length, overview, now), tooltip, urgency: worst.level };
  if (elsewhere) return { ...machinesNeeding(elsewhere), tooltip, urgency: 'warning' };
  return { ...calm(overview.sessions, now), tooltip, urgency: undefined };
}

type Shown = Pick<StatusItem, 'text' | 'label'>;

function shown(icon: string, words: string): Shown {
  const line = asLabel(words);
  const short = line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH - 1)}…` : line;
  return { text: `${icon} ${short}`, label: line };
}

function needing(worst: Attention, count: number, overview: Overview, now: Instant): Shown {
  const session = overview.sessions.find(({ id }) => worst.kind === 'session' && id === worst.id);
  const tone = session && toneOf(session, now);
  const icon = tone && ['login', 'stopped', 'trouble'].includes(tone) ? iconOf(tone) : WARNING_ICON;
  return shown(icon, count === 1 ? worst.title : headlineOf(overview, now));
}

function machinesNeeding({ headline, machines: [first, ...others] }: Elsewhere): Shown {
  return shown(WARNING_ICON, first && others.length === 0 ? first.title : headline);
}

/** An attempt takes a moment, and the item should not flicker. */
const ALIVE: readonly StatusTone[] = ['good', 'busy', 'pending'];

/** If no session needs the user, the first of these groups that is not empty gives the state of all. */
const ORDER: readonly (readonly StatusTone[])[] = [['offline'], ['delayed'], ['deferred'], ALIVE, ['off']];

function calm(sessions: readonly Session[], now: Instant): Shown {
  const groups = ORDER.map(tones => sessions.filter(session => tones.includes(toneOf(session, now))));
  const [one, ...others] = groups.find(group => group.length > 0) ?? [];
  if (!one) return { text: `${EMPTY_ICON} Keepalive`, label: 'Keepalive: no session is kept alive yet' };
  const tone = toneOf(one, now);
  if (ALIVE.includes(tone)) return shown(iconOf('good'), `${others.length + 1} ${STATUS_LABELS.alive}`);
  const label = STATUS_LABELS[statusOf(one, now)];
  return shown(
    iconOf(tone),
    others.length > 0 ? `${others.length + 1} ${label}` : `${nameLabel(one, sessions)}: ${label}`,
  );
}
