import type { NeedyMachine } from '../../sdk/client/follow-fleet.ts';
import type { Instant, Session } from '../../sdk/contract/session.ts';
import { attentionOf, urgentFirst, type Overview } from '../../sdk/wording/attention.ts';
import { CONTROL_LABELS, controlsOf, isPaused, type Control } from '../../sdk/wording/controls.ts';
import { nameLabel, statusLabel } from '../../sdk/wording/session-line.ts';
import { adviceIn } from '../../sdk/wording/sign-in-advice.ts';
import { asLabel } from './foreign-text.ts';
import { iconOf, toneOf, WARNING_ICON } from './icons.ts';
import type { Choice, DaemonAction, Kernel } from './model.ts';
import { signInOf } from './sign-in.ts';

const SHOW_LOG: Choice = { label: '$(output) Show log', action: { do: 'show-log' } };

/** What a click on the status bar offers. */
export function mainChoices(kernel: Kernel, now: Instant): readonly Choice[] {
  if (kernel.is === 'absent') return [{ label: '$(play) Start Keepalive', action: { do: 'start' } }, SHOW_LOG];
  const { overview, elsewhere } = kernel;
  return [
    ...sessionChoices(overview, now, ({ id }) => ({ do: 'choose', id })),
    ...(elsewhere?.machines ?? []).map(machineChoice),
    ...refreshAll(overview.sessions),
    { label: '$(gear) Open settings page', action: { do: 'open-settings' } },
    { label: '$(terminal) Show status', action: { do: 'show-status' } },
    SHOW_LOG,
  ];
}

/** The settings page shows other machines. */
const machineChoice = ({ title }: NeedyMachine): Choice => ({
  label: `${WARNING_ICON} ${asLabel(title)}`,
  action: { do: 'open-settings' },
});

/** What can be done with one session. */
export function sessionActions(session: Session, { notices }: Overview): readonly Choice<DaemonAction>[] {
  const { id } = session;
  return [
    { label: '$(sync) Refresh now', action: { do: 'refresh', ids: [id] } },
    ...(signInOf(session, notices) ? [{ label: '$(key) Sign in', action: { do: 'sign-in', id } } as const] : []),
    ...controlsOf(session).map(control => controlChoice(control, id)),
    { label: '$(question) Explain the next attempt', action: { do: 'explain', id } },
  ];
}

const controlChoice = (control: Control, id: string): Choice<DaemonAction> => ({
  label: `${control === 'pause' ? '$(debug-pause)' : '$(play)'} ${CONTROL_LABELS[control]}`,
  action: { do: control, id },
});

/** The commands that ask for a session. */
export type SessionCommand = 'refresh' | 'pause' | 'resume' | 'sign-in' | 'explain';

/** The sessions on which a command can be used. */
export const commandChoices = (
  command: SessionCommand,
  { overview, now }: { readonly overview: Overview; readonly now: Instant },
): readonly Choice[] => [
  ...(command === 'refresh' ? refreshAll(overview.sessions) : []),
  ...sessionChoices(overview, now, session => ACTIONS[command](session, overview)),
];

type ActionOf = (session: Session, overview: Overview) => DaemonAction | undefined;

const ACTIONS: Readonly<Record<SessionCommand, ActionOf>> = {
  refresh: ({ id }) => ({ do: 'refresh', ids: [id] }),
  pause: session => (controlsOf(session).includes('pause') ? { do: 'pause', id: session.id } : undefined),
  resume(session) {
    const control = controlsOf(session).find(one => one !== 'pause');
    return control && { do: control, id: session.id };
  },
  'sign-in': (session, { notices }) => (signInOf(session, notices) ? { do: 'sign-in', id: session.id } : undefined),
  explain: ({ id }) => ({ do: 'explain', id }),
};

/** Those with an action. The ones that need the user come first. */
function sessionChoices(overview: Overview, now: Instant, actionOf: ActionOf): readonly Choice[] {
  const sessions = urgentFirst(overview.sessions, attentionOf(overview, now));
  return sessions.flatMap(session => {
    const action = actionOf(session, overview);
    return action ? [{ ...lineOf(session, sessions, now), action }] : [];
  });
}

function lineOf(session: Session, all: readonly Session[], now: Instant): Omit<Choice, 'action'> {
  const hint = isPaused(session) ? '' : asLabel(adviceIn(session) ?? '');
  return {
    label: `${iconOf(toneOf(session, now))} ${asLabel(nameLabel(session, all))}`,
    description: statusLabel(session, now),
    ...(hint && { detail: hint }),
  };
}

function refreshAll(sessions: readonly Session[]): readonly Choice[] {
  const ids = sessions.filter(session => !isPaused(session)).map(({ id }) => id);
  return ids.length > 1 ? [{ label: '$(sync) Refresh all sessions', action: { do: 'refresh', ids } }] : [];
}
