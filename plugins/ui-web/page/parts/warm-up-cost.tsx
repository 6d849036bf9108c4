import { useEffect, useRef } from 'preact/hooks';
import type { WarmUpCost } from '../../../../sdk/contract/rpc.ts';
import { sentence } from '../../../../sdk/wording/sentence.ts';
import { costText, warmUpLimits, warmUpSchedule } from '../../../../sdk/wording/warm-up.ts';
import { scheduleOfDraft, type WarmUpDraft } from '../format/warm-up-form.ts';

type Props = { readonly cost: WarmUpCost; readonly draft: WarmUpDraft; readonly name: string };

const LABELS = {
  Runs: 'What is run',
  Tokens: 'Tokens of a prompt',
  Terms: "The vendor's terms",
  Warning: 'More than once a day',
} as const;

/** What is sent with which program, what that uses up, and what the vendor says about it. */
export function CostOfWarmUp({ cost, draft, name }: Props) {
  const first = useRef<HTMLParagraphElement>(null);
  // The fields are gone, and what to read now is above the button.
  useEffect(() => first.current?.focus(), []);
  const schedule = scheduleOfDraft(draft);
  const lines = costText(cost);
  // With all its arguments, it would fill the screen of a phone.
  const command = lines.find(({ label }) => label === 'Runs');
  const said = lines.filter(line => line !== command);
  return (
    <div class="warm-up-cost">
      <p ref={first} tabIndex={-1}>
        {name}: {warmUpSchedule(schedule, Date.now())}; {warmUpLimits(schedule)}.
      </p>
      <dl>
        {said.map(({ label, text }) => (
          <div key={label} class={label === 'Warning' ? 'warning' : ''}>
            <dt>{LABELS[label]}</dt>
            <dd>
              <Marked text={text} />
            </dd>
          </div>
        ))}
      </dl>
      {command && (
        <details>
          <summary>
            {LABELS.Runs}: <code>{command.text.split(' ').slice(0, 2).join(' ')} …</code>
          </summary>
          <code>{command.text}</code>
        </details>
      )}
      <p>
        {sentence(
          `It is your own ${name} that is run, with your own login, in an empty folder. Keepalive sends nothing itself`,
        )}{' '}
        Nothing is sent now, and not before the next of these times.
      </p>
    </div>
  );
}

/** A text with programs between backticks. Nothing of it is to be copied. */
const Marked = ({ text }: { readonly text: string }) => (
  <>{text.split('`').map((part, index) => (index % 2 ? <code key={index}>{part}</code> : part))}</>
);
