import { useEffect, useState } from 'preact/hooks';
import type { Tool } from '../../../../sdk/contract/rpc.ts';
import type { Instant } from '../../../../sdk/contract/session.ts';
import { expiryVerb, loginEndVerb } from '../../../../sdk/wording/expiry.ts';
import { capitalized } from '../../../../sdk/wording/sentence.ts';
import { inOrder, otherTools, summaryOf, toolLabel } from '../format/tools.ts';
import { useKernel, useRequest } from '../kernel/use-kernel.ts';
import { Button, Status } from './controls.tsx';
import { Command, LabelText, Moment, Prose } from './text.tsx';

type Props = { readonly tools: readonly Tool[]; readonly now: Instant };

/** No notification says that a user has signed in to a tool that no session keeps. */
const LOOK_MS = 5_000;

/** Shown while there is no session: which tools there are, and what to do. */
export const FirstRun = ({ tools, now }: Props) => (
  <section id="tools" class="first-run" aria-labelledby="tools-heading">
    <h2 id="tools-heading">Sign in to a tool, and it is kept alive</h2>
    <p>This list updates itself, and no restart is needed.</p>
    <Checklist tools={inOrder(tools)} now={now} />
    <Practice />
  </section>
);

/** The tools that no session keeps, for a user who has other sessions. */
export function OtherTools({ tools, now }: Props) {
  const [open, setOpen] = useState(false);
  const others = otherTools(tools);
  if (others.length === 0) return null;
  return (
    <details class="other-tools" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{summaryOf(others)}</summary>
      {open && <Checklist tools={others} now={now} />}
    </details>
  );
}

function Checklist({ tools, now }: Props) {
  const { live, request, update } = useKernel();
  useEffect(() => {
    if (!live) return undefined;
    const look = () => {
      if (!document.hidden)
        request('tool/list').then(
          found => update({ tools: found }),
          () => undefined,
        );
    };
    const timer = setInterval(look, LOOK_MS);
    return () => clearInterval(timer);
  }, [live, request]);
  return (
    <ul class="tools">
      {tools.map(tool => (
        <ToolRow key={`${tool.plugin} ${tool.places.join()}`} tool={tool} now={now} />
      ))}
    </ul>
  );
}

function ToolRow({ tool, now }: { readonly tool: Tool; readonly now: Instant }) {
  const { displayName, program, places, expiresAt, loginExpiresAt, action, offer } = tool;
  return (
    <li>
      <h3>{displayName}</h3>
      <p class="tool-status">
        <LabelText label={toolLabel(tool)} />
      </p>
      <div class="tool-more">
        {expiresAt !== undefined && (
          <p>
            {capitalized(expiryVerb(expiresAt, now))} <Moment at={expiresAt} />.
          </p>
        )}
        {loginExpiresAt !== undefined && (
          <p>
            Login {loginEndVerb(loginExpiresAt, now)} <Moment at={loginExpiresAt} />.
          </p>
        )}
        {action !== undefined && (
          <p>
            <Prose text={action} />
          </p>
        )}
        {offer && <KeepIt offer={offer} displayName={displayName} />}
        <Places program={program} places={places} />
      </div>
    </li>
  );
}

const Places = ({ program, places }: Pick<Tool, 'program' | 'places'>) => (
  <p class="small quiet">
    {program !== undefined && (
      <>
        Program: <code>{program}</code>.{' '}
      </>
    )}
    {places.length > 0 && (
      <>
        Looked for its login in{' '}
        {places.map((place, index) => (
          <>
            {index > 0 && ', '}
            <code key={place}>{place}</code>
          </>
        ))}
        .
      </>
    )}
  </p>
);

type Offer = { readonly offer: NonNullable<Tool['offer']>; readonly displayName: string };

function KeepIt({ offer, displayName }: Offer) {
  const { live } = useKernel();
  const { busy, message, send } = useRequest();
  const add = () =>
    send(
      request => request('session/add', offer),
      session => `${session.displayName} is kept alive now.`,
    );
  return (
    <div class="actions">
      <Button kind="primary" off={busy || !live} press={add}>
        {busy ? 'Adding…' : 'Keep it alive'}
        <span class="unseen"> {displayName}</span>
      </Button>
      <Status message={message} />
    </div>
  );
}

const Practice = () => (
  <p class="practice">
    To see how it works first, start the daemon with a practice session: <Command text="keepalive restart --demo" />
  </p>
);
