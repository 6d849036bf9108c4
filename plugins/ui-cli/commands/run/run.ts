import { isKeepaliveError } from '../../../../sdk/contract/errors.ts';
import type { Command } from '../../context/command.ts';
import { describeKernel } from '../../render/sentences.ts';
import { renderTools, toolsOf } from '../../render/tools.ts';
import { wrap } from '../../render/width.ts';
import { noteUntrusted } from '../../context/unused-config.ts';
import { watch } from '../../watch/watch.ts';

export const run: Command = async context => {
  const {
    options: { config, demo },
    cwd,
    screen,
    system,
    daemon,
  } = context;
  await noteUntrusted(context);
  const { stopped } = await system.runDaemon({ configFile: config, cwd, demo });
  const ended = new AbortController();
  void stopped.finally(() => ended.abort());
  const client = await daemon();
  const [info, sessions, tools] = await Promise.all([
    client.request('kernel/info'),
    client.request('session/list'),
    toolsOf(client),
  ]);
  const introduction = [
    describeKernel(info),
    ...(sessions.some(({ provider }) => provider === PRACTICE) ? [PRACTICE_HINT] : []),
  ];
  return {
    document: info,
    text(view) {
      const checklist = renderTools(tools, 'short', view);
      const lines = introduction.map(line => wrap(line, view.width));
      return [...lines, ...(checklist === '' ? [] : ['', checklist, ''])].join('\n');
    },
    async afterwards() {
      // The daemon closes our connection when it stops.
      await watch(client, screen, { heading: 'Ctrl-C stops keepalive.', until: ended.signal }).catch(error => {
        if (!isKeepaliveError(error) || error.code !== 'KA_RPC_CONNECTION_LOST') throw error;
      });
      await stopped;
      screen.line('Stopped. No session is kept alive now.');
    },
  };
};

const PRACTICE = 'practice';
const PRACTICE_HINT = 'The practice session is not a real account. It shows how a session is kept alive.';
