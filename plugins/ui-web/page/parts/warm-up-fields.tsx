import type { Session } from '../../../../sdk/contract/session.ts';
import { nameLabel } from '../../../../sdk/wording/session-line.ts';
import { DAYS, daysIn, withDay } from '../format/schedule-form.ts';
import { INTERVALS, MISSED, perDayHint, zoneHint } from '../format/warm-up-form.ts';
import { InputList } from './input-list.tsx';
import { control, Row, Select, text, type FormProps } from './warm-up-row.tsx';

type Props = FormProps & { readonly choices: readonly Session[] };

/** When it is made. What few need is folded. */
export function WarmUpFields(props: Props) {
  const { choices, draft, problems, change } = props;
  const { mode, at, days, skip } = draft;
  return (
    <div class="warm-up-fields">
      <Row field="session" label="Session" {...props}>
        <select {...control('session', props)}>
          {choices.map(session => (
            <option key={session.id} value={session.id}>
              {nameLabel(session, choices)}
            </option>
          ))}
        </select>
      </Row>
      {mode === 'at' && (
        <InputList
          type="time"
          name="Times of day"
          one="time"
          values={at}
          problem={problems.at}
          change={values => change({ at: values })}
        />
      )}
      <fieldset class="choice warm-up-days" aria-invalid={problems.days !== undefined}>
        <legend>Days</legend>
        <DayToggles days={days} change={change} />
        {problems.days !== undefined && <p class="small failed">{problems.days}</p>}
      </fieldset>
      <Row field="timezone" label="Time zone" optional hint={zoneHint(draft.timezone, Date.now())} {...props}>
        <input list="time-zones" {...text('timezone', props)} placeholder="Europe/Berlin" />
      </Row>
      <Row field="missed" label="If the machine slept at the time" {...props}>
        <Select field="missed" options={MISSED} {...props} />
      </Row>
      <Row field="perDay" label="Prompts a day, at most" hint={perDayHint(draft)} {...props}>
        <input type="number" min="1" max="24" inputMode="numeric" {...text('perDay', props)} />
      </Row>
      <InputList
        type="date"
        name="Days off"
        one="day off"
        values={skip}
        problem={problems.skip}
        change={values => change({ skip: values })}
      />
      <Advanced {...props} />
    </div>
  );
}

function Advanced(props: FormProps) {
  const { draft, problems, change } = props;
  const { mode } = draft;
  return (
    <details open={problems.model !== undefined || problems.every !== undefined || undefined}>
      <summary>Advanced</summary>
      <Row field="model" label="Model" optional hint="The smallest of the vendor, if this is empty." {...props}>
        <input {...text('model', props)} />
      </Row>
      <label class="switch">
        <input
          type="checkbox"
          checked={mode === 'every'}
          onChange={({ currentTarget: { checked } }) => change({ mode: checked ? 'every' : 'at' })}
        />{' '}
        Again and again, instead of at times of day
      </label>
      {mode === 'every' && (
        <>
          <Row field="every" label="Try every" {...props}>
            <Select field="every" options={INTERVALS} {...props} />
          </Row>
          <p class="warning" role="note">
            Each prompt uses some of the quota of the week, also on days on which you do not work. Up to as many are
            sent as “Prompts a day” allows, each as soon as no window is running.
          </p>
        </>
      )}
    </details>
  );
}

type DaysProps = { readonly days: string; readonly change: FormProps['change'] };

const DayToggles = ({ days, change }: DaysProps) => (
  <div class="days">
    {daysIn(Object.keys(DAYS).join()).map(day => (
      <label key={day}>
        <input
          type="checkbox"
          checked={daysIn(days).includes(day)}
          onChange={({ currentTarget: { checked } }) => change({ days: withDay(days, day, checked) })}
        />{' '}
        <span aria-hidden="true">{DAYS[day].slice(0, 2)}</span>
        <span class="unseen">{DAYS[day]}</span>
      </label>
    ))}
  </div>
);
