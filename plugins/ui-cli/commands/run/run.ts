import { isKeepaliveError } from '../../../../sdk/contract/errors.ts';
import type { Command, CommandContext, CommandResult } from '../../context/command.ts';
import type { OwnDaemon } from '../../processes/connections.ts';
import { EXIT } from '../../context/exit.ts';
import { renderAboveLive, renderIntroduction, PRACTICE } from '../../render/introduction.ts';
import { introduce } from './start.ts';
import { wrap } from '../../render/width.ts';
import { noteUntrusted } from '../../context/unused-config.ts';
import { watch } from '../../watch/watch.ts';

export const run: Command = async context => {
  const {
    options: { config, demo },
    cwd,
    screen,
    system,
    keyboard,
  } = context;
  await noteUntrusted(context);
  let own: OwnDaemon;
  try {
    own = await system.runDaemon({ configFile: config, cwd, demo });
  } catch (error) {
    return alreadyRunning(context, error);
  }
  const { stopped, client } = own;
  const ended = new AbortController();
  void stopped.finally(() => ended.abort());
  const introduction = await introduce(client, 'here');
  const isPractice = introduction.overview.sessions.some(({ provider }) => provider === PRACTICE);
  return {
    document: introduction.daemon,
    text: view =>
      [
        screen.live ? renderAboveLive(introduction, view) : renderIntroduction(introduction, view),
        ...(isPractice ? ['', wrap(PRACTICE_HINT, view.width)] : []),
        ...(screen.live ? [''] : []),
      ].join('\n'),
    async afterwards() {
      const quit = { about: 'stop keepalive', now: () => void client.request('kernel/stop').catch(() => null) };
      // The daemon closes our connection when it stops.
      await watch(client, screen, { keyboard, quit, until: ended.signal }).catch(error => {
        if (!isKeepaliveError(error) || error.code !== 'KA_RPC_CONNECTION_LOST') throw error;
      });
      await stopped;
      screen.line('Stopped. No session is kept alive now.');
    },
  };
};

/** A second daemon is refused. The user probably wants to see the first. */
function alreadyRunning({ options, screen }: CommandContext, error: unknown): CommandResult {
  if (!isKeepaliveError(error) || error.code !== 'KA_KERNEL_RUNNING' || options.json) throw error;
  const { pid } = error.details;
  const who = typeof pid === 'number' ? ` (process ${pid})` : '';
  screen.note(`Keepalive is already running${who}. \`keepalive status --watch\` shows it, \`keepalive stop\` ends it.`);
  return { document: null, text: () => '', exitCode: EXIT.running };
}

const PRACTICE_HINT = 'The practice session is not a real account. It shows how a session is kept alive.';
