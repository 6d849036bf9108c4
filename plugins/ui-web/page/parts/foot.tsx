import type { KernelInfo } from '../../../../sdk/contract/rpc.ts';
import type { Instant } from '../../../../sdk/contract/session.ts';
import { Moment } from './text.tsx';

/** Which daemon this is. */
export const Foot = ({
  info: { version, pid, startedAt, home, configFile },
  now,
}: {
  readonly info: KernelInfo;
  readonly now: Instant;
}) => (
  <footer class="foot">
    <p>
      Version {version}, process {pid}, started <Moment at={startedAt} now={now} />. Home: <code>{home}</code>
    </p>
    <p>
      {configFile === null ? (
        'Without a configuration file: every tool that is found is looked after.'
      ) : (
        <>
          Configuration: <code>{configFile}</code>
        </>
      )}{' '}
      What you change here lies over it, in <code>settings.json</code>.
    </p>
  </footer>
);
