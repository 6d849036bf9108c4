import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Session } from '../../../../sdk/contract/session.ts';
import { useAsking, useKernel } from '../kernel-context.ts';
import { draftsOf, sameSchedule, scheduleOf, type Drafts, type Mode } from '../schedule.ts';
import { Override } from './override.tsx';

type Props = { readonly session: Session; readonly overridden: boolean };

const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const NOT_A_SPAN = 'Write a number and a unit, such as 90 s, 5 min, 2 h or 1 day.';

/** When it is looked after. What is changed here is in force at once. */
export function ScheduleField({
  session: {
    id,
    policy: { schedule },
  },
  overridden,
}: Props) {
  const { live } = useKernel();
  const { busy, said, ask } = useAsking();
  const [drafts, setDrafts] = useState(() => draftsOf(schedule));
  const [mode, setMode] = useState<Mode>(schedule.mode);
  const [problem, setProblem] = useState('');
  const typing = useRef<keyof Drafts | undefined>(undefined);
  const inForce = JSON.stringify(schedule);
  // Somebody may have changed it elsewhere; what is in force is what is shown, but in the field that is being typed in.
  useEffect(() => {
    const half = typing.current;
    setDrafts(drafts => ({ ...drafts, ...changedBy(schedule), ...(half && { [half]: drafts[half] }) }));
    setMode(schedule.mode);
    setProblem('');
  }, [inForce]);

  const commit = (mode: Mode, changed: Partial<Drafts> = {}) => {
    setMode(mode);
    const next = scheduleOf(mode, { ...drafts, ...changed }, schedule);
    setProblem(next ? '' : NOT_A_SPAN);
    if (next && !sameSchedule(next, schedule))
      void ask(
        request => request('session/configure', { id, policy: { schedule: next } }),
        () => 'Saved.',
      );
  };
  const field = (of: Mode, member: keyof Drafts, label: string) => ({
    class: `field field-${member}`,
    'aria-label': label,
    value: drafts[member],
    'aria-invalid': mode === of && problem !== '',
    'aria-describedby': `said-${id}`,
    onInput: ({ currentTarget: { value } }: { readonly currentTarget: HTMLInputElement }) => {
      typing.current = member;
      setDrafts(drafts => ({ ...drafts, [member]: value }));
    },
    // A browser may tell of both at once, before the draft is drawn.
    onChange: ({ currentTarget: { value } }: { readonly currentTarget: HTMLInputElement }) => {
      typing.current = undefined;
      commit(of, { [member]: value });
    },
    onBlur: () => void (typing.current = undefined),
  });
  const choice = (of: Mode, label: string, fields: ComponentChildren) => (
    <div class={`choice ${mode === of ? 'chosen' : ''}`}>
      <label>
        <input type="radio" name={`mode-${id}`} checked={mode === of} onChange={() => commit(of)} /> {label}
      </label>
      {fields}
    </div>
  );
  return (
    <fieldset class="schedule" disabled={!live} aria-busy={busy}>
      <legend>Mode</legend>
      {choice(
        'before-expiry',
        'Before expiry',
        <input {...field('before-expiry', 'buffer', 'How long before expiry')} />,
      )}
      {choice('interval', 'Every', <input {...field('interval', 'every', 'How often')} />)}
      {choice(
        'daily',
        'Daily at',
        <>
          <input type="time" {...field('daily', 'at', 'Time of day')} />
          <input list="time-zones" placeholder={`${HERE} (here)`} {...field('daily', 'timezone', 'Time zone')} />
        </>,
      )}
      {schedule.mode === 'cron' &&
        choice('cron', 'By pattern', <input {...field('cron', 'pattern', 'Cron pattern')} />)}
      <Override session={id} member="schedule" overridden={overridden} />
      <p class={`said ${problem || said?.failed ? 'failed' : ''}`} id={`said-${id}`} role="status">
        {problem || said?.text}
      </p>
    </fieldset>
  );
}

/** The fields that the schedule itself fills; what was typed into the others may stay. */
function changedBy(schedule: Session['policy']['schedule']): Partial<Drafts> {
  const { buffer, every, at, timezone, pattern } = draftsOf(schedule);
  switch (schedule.mode) {
    case 'before-expiry':
      return { buffer };
    case 'interval':
      return { every };
    case 'daily':
      return { at, timezone };
    case 'cron':
      return { pattern, timezone };
  }
}
