import { useState } from 'preact/hooks';
import type { Instant } from '../../../../sdk/contract/session.ts';
import { clock, full, relative } from '../time.ts';
import type { Said } from '../words.ts';
import { Icon } from './icon.tsx';

/** A text of the kernel's, in which commands stand between backticks, and times as ISO 8601. */
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
          {full(Date.parse(part))}
        </time>
      ) : (
        part
      ),
    )}
  </>
);

/** A command that can be taken along. */
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

/** A time as a person thinks of it; in full for who asks. */
export const Moment = ({
  at,
  now,
  as = relative,
}: {
  readonly at: Instant;
  readonly now: Instant;
  readonly as?: typeof relative;
}) => (
  <time dateTime={new Date(at).toISOString()} title={full(at)}>
    {as(at, now)}
  </time>
);

export const Clock = ({ at, now }: { readonly at: Instant; readonly now: Instant }) => (
  <Moment at={at} now={now} as={clock} />
);

/** A few words with their sign, in their colour. */
export const Saying = ({ said: { text, tone, sign } }: { readonly said: Said }) => (
  <span class={`saying tone-${tone}`}>
    <Icon sign={sign} /> {text}
  </span>
);
