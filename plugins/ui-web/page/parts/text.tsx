import { useState } from 'preact/hooks';
import type { Instant } from '../../../../sdk/contract/session.ts';
import { fullTime, localTime } from '../../../../sdk/wording/time.ts';
import { fromNow, type Label } from '../format/labels.ts';
import { useTimed } from '../kernel/use-time.ts';
import { Icon } from './icon.tsx';

/** A text from the kernel, with commands between backticks and times in ISO 8601. */
export const Prose = ({ text }: { readonly text: string }) => {
  const parts = text.split('`');
  return (
    <>
      {parts.map((part, index) =>
        index % 2 ? (
          <Command key={index} text={part} after={PUNCTUATION.exec(parts[index + 1] ?? '')?.[0]} />
        ) : (
          <Dated key={index} text={index > 0 ? part.replace(PUNCTUATION, '') : part} />
        ),
      )}
    </>
  );
};

/** Stays beside the command before it, so that no line begins with it. */
const PUNCTUATION = /^[.,;:!?)]+/;

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

type CommandProps = {
  readonly text: string;
  /** What follows without a space. */
  readonly after?: string | undefined;
};

/** A command with a button that copies it. */
export const Command = ({ text, after }: CommandProps) => (
  <>
    <code class="command">{text}</code>
    <span class="copying">
      <CopyButton text={text} subject={text} />
      {after}
    </span>
  </>
);

type CopyProps = {
  readonly text: string;
  /** What is copied, for screen readers. */
  readonly subject: string;
  readonly label?: string;
};

export function CopyButton({ text, subject, label = 'Copy' }: CopyProps) {
  const [copied, setCopied] = useState(false);
  const copy = () =>
    void navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => undefined,
    );
  return (
    <button
      type="button"
      class="copy"
      onClick={copy}
      onBlur={() => setCopied(false)}
      aria-label={copied ? 'Copied' : `Copy ${subject}`}
    >
      {copied ? 'Copied' : label}
    </button>
  );
}

type TimeProps = { readonly at: Instant; readonly format?: typeof fromNow };

/** A time as seen from now, which stays true as time passes. In full as its title. */
export function Moment({ at, format = fromNow }: TimeProps) {
  const text = useTimed(now => format(at, now));
  return (
    <time dateTime={new Date(at).toISOString()} title={fullTime(at)}>
      {text}
    </time>
  );
}

/** A time on the clock. */
export const Clock = ({ at }: { readonly at: Instant }) => <Moment at={at} format={localTime} />;

/** A label with its sign, in its colour. */
export const LabelText = ({ label: { text, tone, sign } }: { readonly label: Label }) => (
  <span class={`label tone-${tone}`}>
    <Icon sign={sign} /> {text}
  </span>
);
