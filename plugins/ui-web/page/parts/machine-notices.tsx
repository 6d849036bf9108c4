import { useState } from 'preact/hooks';
import type { FleetMachine } from '../../../../sdk/contract/rpc.ts';
import type { Notice, NoticeLevel } from '../../../../sdk/contract/session.ts';
import { worstFirst } from '../../../../sdk/wording/attention.ts';
import type { Label } from '../format/labels.ts';
import { LabelText, Moment, Prose } from './text.tsx';

/** This many are shown until all are asked for: each session says what to do. */
const SHOWN = 3;

const LOOKS: Readonly<Record<NoticeLevel, Omit<Label, 'text'>>> = {
  error: { tone: 'bad', sign: 'cross' },
  warning: { tone: 'warn', sign: 'triangle' },
  info: { tone: 'quiet', sign: 'circle' },
};

type Props = { readonly machine: FleetMachine };

/** The notices of another machine. Those of this one are at the top of the page. */
export function MachineNotices({ machine: { machine, isHere, sessions, notices } }: Props) {
  const [all, setAll] = useState(false);
  if (isHere || notices.length === 0) return null;
  const sorted = worstFirst(notices);
  const shown = all ? sorted : sorted.slice(0, SHOWN);
  return (
    <>
      <ul class="machine-notices" aria-label={`Notices of ${machine}`}>
        {shown.map(notice => (
          <OneNotice key={notice.id} notice={notice} isOfSession={sessions.some(({ id }) => id === notice.session)} />
        ))}
      </ul>
      {shown.length < sorted.length && (
        <p class="small">
          <button type="button" class="plain" onClick={() => setAll(true)}>
            Show {sorted.length - shown.length} more notices<span class="unseen"> of {machine}</span>
          </button>
        </p>
      )}
    </>
  );
}

type NoticeProps = { readonly notice: Notice; readonly isOfSession: boolean };

const OneNotice = ({ notice: { level, title, body, action, raisedAt }, isOfSession }: NoticeProps) => (
  <li>
    <p>
      <LabelText label={{ ...LOOKS[level], text: title }} />{' '}
      <span class="since">
        <Moment at={raisedAt} />
      </span>
    </p>
    <p>
      <Prose text={body} />
    </p>
    {!isOfSession && action !== undefined && action !== body && (
      <p>
        <Prose text={action} />
      </p>
    )}
  </li>
);
