import { useState } from 'preact/hooks';
import type { Finding } from '../../../../sdk/contract/rpc.ts';
import { useAsking, useKernel } from '../kernel-context.ts';
import type { Said } from '../words.ts';
import { Button } from './button.tsx';
import { Prose, Saying } from './text.tsx';

const LEVELS: Readonly<Record<Finding['level'], Said>> = {
  error: { text: 'Wrong', tone: 'bad', sign: 'cross' },
  warning: { text: 'Look at this', tone: 'warn', sign: 'triangle' },
  info: { text: 'Good to know', tone: 'quiet', sign: 'circle' },
  ok: { text: 'Fine', tone: 'good', sign: 'check' },
};
const GRAVITY = Object.keys(LEVELS);

/** A look at tools, credentials and this machine, when one asks for it. */
export function Doctor() {
  const { live } = useKernel();
  const { busy, said, ask } = useAsking();
  const [findings, setFindings] = useState<readonly Finding[]>();
  const look = async () =>
    setFindings(
      (await ask(
        request => request('doctor/run'),
        list => `${list.length} things were looked at.`,
      )) ?? findings,
    );
  const sorted = findings?.toSorted((a, b) => GRAVITY.indexOf(a.level) - GRAVITY.indexOf(b.level));
  return (
    <section id="doctor" aria-labelledby="doctor-heading">
      <h2 id="doctor-heading">Doctor</h2>
      <p>Looks at tools, credentials and this machine, and says what to do. It changes nothing.</p>
      <div class="actions">
        <Button off={busy || !live} press={look}>
          {busy ? 'Looking…' : findings ? 'Look again' : 'Look now'}
        </Button>
        <p class={`said ${said?.failed ? 'failed' : ''}`} role="status">
          {said?.text}
        </p>
      </div>
      {sorted && (
        <ul class="findings">
          {sorted.map(({ level, subject, message, action }) => (
            <li key={`${subject} ${message}`}>
              <Saying said={LEVELS[level]} />
              <p class="subject">{subject}</p>
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
      )}
    </section>
  );
}
