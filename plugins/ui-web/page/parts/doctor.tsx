import { useState } from 'preact/hooks';
import type { Finding } from '../../../../sdk/contract/rpc.ts';
import type { Label } from '../format/labels.ts';
import { useKernel, useRequest } from '../kernel/use-kernel.ts';
import { Button, Status } from './controls.tsx';
import { LabelText, Prose } from './text.tsx';

/** The gravest first. */
const LEVELS: Readonly<Record<Finding['level'], Label>> = {
  error: { text: 'Error', tone: 'bad', sign: 'cross' },
  warning: { text: 'Warning', tone: 'warn', sign: 'triangle' },
  info: { text: 'Info', tone: 'quiet', sign: 'circle' },
  ok: { text: 'OK', tone: 'good', sign: 'check' },
};
const GRAVITY = Object.keys(LEVELS);

/** Checks tools, credentials and this machine on request. */
export function Doctor() {
  const { live } = useKernel();
  const { busy, message, send } = useRequest();
  const [findings, setFindings] = useState<readonly Finding[]>();
  const run = async () => {
    const found = await send(
      request => request('doctor/run'),
      list => `${list.length} things were checked.`,
    );
    if (found) setFindings(found);
  };
  return (
    <section id="doctor" aria-labelledby="doctor-heading">
      <h2 id="doctor-heading">Doctor</h2>
      <p>Checks tools, credentials and this machine, and says what to do. It changes nothing.</p>
      <div class="actions">
        <Button off={busy || !live} press={run}>
          {busy ? 'Running…' : findings ? 'Run doctor again' : 'Run doctor'}
        </Button>
        <Status message={message} />
      </div>
      {findings && <Findings findings={findings} />}
    </section>
  );
}

/** What is wrong, the gravest first. What is fine is counted, and listed on request. */
function Findings({ findings }: { readonly findings: readonly Finding[] }) {
  const fine = findings.filter(({ level }) => level === 'ok');
  const rest = findings
    .filter(({ level }) => level !== 'ok')
    .toSorted((a, b) => GRAVITY.indexOf(a.level) - GRAVITY.indexOf(b.level));
  return (
    <>
      {rest.length > 0 && <List findings={rest} />}
      {fine.length > 0 && (
        <details class="fine">
          <summary>
            {fine.length} {fine.length === 1 ? 'check is' : 'checks are'} fine
          </summary>
          <List findings={fine} />
        </details>
      )}
    </>
  );
}

const List = ({ findings }: { readonly findings: readonly Finding[] }) => (
  <ul class="findings">
    {findings.map(({ level, subject, message, action }) => (
      <li key={`${subject} ${message}`}>
        <LabelText label={LEVELS[level]} />
        <p class="subject" title={subject}>
          {subject}
        </p>
        <div>
          <p>
            <Prose text={message} />
          </p>
          {action !== undefined && (
            <p class="what-to-do">
              <Prose text={action} />
            </p>
          )}
        </div>
      </li>
    ))}
  </ul>
);
