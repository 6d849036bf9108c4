import { useState } from 'preact/hooks';
import type { Instant } from '../../../../sdk/contract/session.ts';
import { fullTime, localTime } from '../../../../sdk/wording/time.ts';
import { fromNow, type Label } from '../format/labels.ts';
import { Icon } from './icon.tsx';

/** A text from the kernel, with commands between backticks and times in ISO 8601. */
export const Prose = ({ text }: { readonly text: string }) => (
  <>
    {text
      .split('`')
      .map((part, index) => (index % 2 ? <Command key={index} text={part} /> : <Dated key={index} text={part} />))}
  </>
);

const Dated = ({ text }: { readonly text: string }) => (
  <>
    {text.split(/(\d{4}-\d\d-\d\dT[\d:.]+Z)/).map((part, index) =>
      index % 2 ? (
        <time key={index} dateTime={part}>
          {fullTime(Date.parse(part))}
        </time>
      ) : (
        part
      ),
    )}
  </>
);

/** A command with a button that copies it. */
export function Command({ text }: { readonly text: string }) {
  const [copied, setCopied] = useState(false);
  const copy = () =>
    void navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => undefined,
    );
  return (
    <span class="command">
      <code>{text}</code>
      <button
        type="button"
        class="copy"
        onClick={copy}
        onBlur={() => setCopied(false)}
        aria-label={copied ? 'Copied' : `Copy ${text}`}
      >
        {copied ? 'Copied' : 'Copy'}
      </button>
    </span>
  );
}

type TimeProps = { readonly at: Instant; readonly now: Instant };

/** A time as seen from now. In full as its title. */
export const Moment = ({ at, now, format = fromNow }: TimeProps & { readonly format?: typeof fromNow }) => (
  <time dateTime={new Date(at).toISOString()} title={fullTime(at)}>
    {format(at, now)}
  </time>
);

/** A time on the clock. */
export const Clock = ({ at, now }: TimeProps) => <Moment at={at} now={now} format={localTime} />;

/** A label with its sign, in its colour. */
export const LabelText = ({ label: { text, tone, sign } }: { readonly label: Label }) => (
  <span class={`label tone-${tone}`}>
    <Icon sign={sign} /> {text}
  </span>
);
