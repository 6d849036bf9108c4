import type { Tool } from '../../../../sdk/contract/rpc.ts';
import type { Instant, Session } from '../../../../sdk/contract/session.ts';
import { AddSession } from './add-session.tsx';
import { AllSessions } from './all-sessions.tsx';
import { OtherTools } from './tools.tsx';

type Props = { readonly sessions: readonly Session[]; readonly tools: readonly Tool[]; readonly now: Instant };

/** What concerns no single session: pause all, other tools, and sessions to add. */
export const MoreSessions = ({ sessions, tools, now }: Props) => (
  <section id="more" class="more-sessions" aria-labelledby="more-heading">
    <h2 id="more-heading">{sessions.length === 0 ? 'Something else to keep alive' : 'Manage sessions'}</h2>
    <AllSessions sessions={sessions} />
    {sessions.length > 0 && <OtherTools tools={tools} now={now} />}
    <AddSession tools={tools} />
  </section>
);
