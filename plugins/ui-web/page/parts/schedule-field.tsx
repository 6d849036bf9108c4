import type { ComponentChildren } from 'preact';
import type { Session } from '../../../../sdk/contract/session.ts';
import { daysIn, DAYS, withDay, type Drafts, type Mode } from '../format/schedule-form.ts';
import type { PolicyValue } from '../format/policy-values.ts';
import { useKernel } from '../kernel/use-kernel.ts';
import { useScheduleForm } from '../kernel/use-schedule-form.ts';
import { Override, Status } from './controls.tsx';

type Props = { readonly session: Session; readonly value: PolicyValue | undefined };
type Form = ReturnType<typeof useScheduleForm>;

const LOCAL_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** When a session is checked. A change is in force at once. */
export function ScheduleField({ session, value }: Props) {
  const { id } = session;
  const { live } = useKernel();
  const form = useScheduleForm(session);
  const input = (mode: Mode, member: keyof Drafts, label: string) => (
    <input {...form.field(mode, member)} aria-label={label} aria-describedby={`message-${id}`} />
  );
  return (
    <fieldset class="schedule" disabled={!live} aria-busy={form.busy}>
      <legend>Schedule</legend>
      <Choice id={id} form={form} mode="before-expiry" label="Before expiry">
        {input('before-expiry', 'buffer', 'How long before expiry')}
      </Choice>
      <Choice id={id} form={form} mode="interval" label="Every">
        {input('interval', 'every', 'How often')}
      </Choice>
      <Choice id={id} form={form} mode="daily" label="Daily at">
        <input type="time" {...form.field('daily', 'at')} aria-label="Time of day" />
        <Zone id={id} form={form} mode="daily" label="Time zone" />
        {form.mode === 'daily' && <Days form={form} />}
      </Choice>
      <Choice id={id} form={form} mode="cron" label="Cron pattern">
        {form.mode === 'cron' && (
          <>
            {input('cron', 'pattern', 'Cron pattern')}
            <Zone id={id} form={form} mode="cron" label="Time zone of the pattern" />
            <p class="choice-hint">
              Minute, hour, day, month, weekday: <code>0 9 * * 1-5</code> is 09:00 on working days.
            </p>
          </>
        )}
      </Choice>
      <Override session={id} value={value} name="the schedule" />
      <div id={`message-${id}`}>
        <Status message={form.message} />
      </div>
    </fieldset>
  );
}

type PartProps = { readonly id: string; readonly form: Form; readonly mode: Mode; readonly label: string };

const Choice = ({ id, form, mode, label, children }: PartProps & { readonly children: ComponentChildren }) => (
  <div class={`choice ${form.mode === mode ? 'chosen' : ''}`}>
    <label>
      <input type="radio" name={`mode-${id}`} checked={form.mode === mode} onChange={() => form.commit(mode)} /> {label}
    </label>
    {children}
  </div>
);

const Zone = ({ id, form, mode, label }: PartProps) => (
  <input
    list="time-zones"
    placeholder={`${LOCAL_ZONE} (local)`}
    {...form.field(mode, 'timezone')}
    aria-label={label}
    aria-describedby={`message-${id}`}
  />
);

const Days = ({ form: { drafts, commit } }: { readonly form: Form }) => (
  <div class="days" role="group" aria-label="Days">
    {daysIn(Object.keys(DAYS).join()).map(day => (
      <label key={day}>
        <input
          type="checkbox"
          checked={daysIn(drafts.days).includes(day)}
          onChange={({ currentTarget: { checked } }) => commit('daily', { days: withDay(drafts.days, day, checked) })}
        />{' '}
        <span aria-hidden="true">{DAYS[day].slice(0, 2)}</span>
        <span class="unseen">{DAYS[day]}</span>
      </label>
    ))}
  </div>
);
