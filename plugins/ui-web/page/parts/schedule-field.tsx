import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Session } from '../../../../sdk/contract/session.ts';
import { allDraftsOf, draftsOf, sameSchedule, scheduleOf, type Drafts, type Mode } from '../format/schedule-form.ts';
import { useKernel, useRequest } from '../kernel/use-kernel.ts';
import { Override, Status } from './controls.tsx';

type Props = { readonly session: Session; readonly overridden: boolean };

const LOCAL_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const NOT_A_DURATION = 'Write a number and a unit, such as 90 s, 5 min, 2 h or 1 day.';

/** When a session is checked. A change is in force at once. */
export function ScheduleField({ session, overridden }: Props) {
  const { id, policy } = session;
  const { live } = useKernel();
  const form = useScheduleForm(session);
  const input = (mode: Mode, member: keyof Drafts, label: string) => (
    <input {...form.field(mode, member)} aria-label={label} aria-describedby={`message-${id}`} />
  );
  const choice = (mode: Mode, label: string, fields: ComponentChildren) => (
    <div class={`choice ${form.mode === mode ? 'chosen' : ''}`}>
      <label>
        <input type="radio" name={`mode-${id}`} checked={form.mode === mode} onChange={() => form.commit(mode)} />{' '}
        {label}
      </label>
      {fields}
    </div>
  );
  return (
    <fieldset class="schedule" disabled={!live} aria-busy={form.busy}>
      <legend>Schedule</legend>
      {choice('before-expiry', 'Before expiry', input('before-expiry', 'buffer', 'How long before expiry'))}
      {choice('interval', 'Every', input('interval', 'every', 'How often'))}
      {choice(
        'daily',
        'Daily at',
        <>
          <input type="time" {...form.field('daily', 'at')} aria-label="Time of day" />
          <input
            list="time-zones"
            placeholder={`${LOCAL_ZONE} (local)`}
            {...form.field('daily', 'timezone')}
            aria-label="Time zone"
          />
        </>,
      )}
      {policy.schedule.mode === 'cron' && choice('cron', 'By pattern', input('cron', 'pattern', 'Cron pattern'))}
      <Override session={id} member="schedule" overridden={overridden} />
      <div id={`message-${id}`}>
        <Status message={form.message} />
      </div>
    </fieldset>
  );
}

type InputEvent = { readonly currentTarget: HTMLInputElement };

/** The fields of every mode, and what the user does with them. */
function useScheduleForm({ id, policy: { schedule } }: Session) {
  const { busy, message, send } = useRequest();
  const [drafts, setDrafts] = useState(() => allDraftsOf(schedule));
  const [mode, setMode] = useState<Mode>(schedule.mode);
  const [isInvalid, setInvalid] = useState(false);
  const typing = useRef<keyof Drafts | undefined>(undefined);
  // The schedule may be changed elsewhere. The form follows it, except for the field that the user is typing in.
  useEffect(() => {
    const kept = typing.current;
    setDrafts(before => ({ ...before, ...draftsOf(schedule), ...(kept && { [kept]: before[kept] }) }));
    setMode(schedule.mode);
    setInvalid(false);
  }, [JSON.stringify(schedule)]);

  const commit = (chosen: Mode, changed: Partial<Drafts> = {}) => {
    setMode(chosen);
    const next = scheduleOf(chosen, { ...drafts, ...changed }, schedule);
    setInvalid(!next);
    if (!next || sameSchedule(next, schedule)) return;
    void send(
      request => request('session/configure', { id, policy: { schedule: next } }),
      () => 'Saved.',
    );
  };
  const field = (of: Mode, member: keyof Drafts) => ({
    class: `field field-${member}`,
    value: drafts[member],
    'aria-invalid': mode === of && isInvalid,
    onInput: ({ currentTarget: { value } }: InputEvent) => {
      typing.current = member;
      setDrafts(before => ({ ...before, [member]: value }));
    },
    // A browser may report both at once, before the draft is rendered.
    onChange: ({ currentTarget: { value } }: InputEvent) => {
      typing.current = undefined;
      commit(of, { [member]: value });
    },
    onBlur: () => void (typing.current = undefined),
  });
  return { busy, mode, message: isInvalid ? { text: NOT_A_DURATION, failed: true } : message, commit, field };
}
