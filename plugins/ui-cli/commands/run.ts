import { isKeepaliveError } from '../../../sdk/contract/errors.ts';
import type { Command } from '../command.ts';
import { describeKernel } from '../render/sentences.ts';
import { wrap } from '../render/width.ts';
import { noteUntrusted } from '../unused-config.ts';
import { watch } from '../watch/watch.ts';

export const run: Command = async context => {
  const {
    options: { config, demo },
    cwd,
    screen,
    ways,
    daemon,
  } = context;
  await noteUntrusted(context);
  const { stopped } = await ways.become({ configFile: config, cwd, demo });
  const ended = new AbortController();
  void stopped.finally(() => ended.abort());
  const client = await daemon();
  const [info, sessions] = await Promise.all([client.request('kernel/info'), client.request('session/list')]);
  const introduction = [
    describeKernel(info),
    ...(sessions.some(({ provider }) => provider === PRACTICE) ? [PRACTICE_HINT] : []),
  ];
  return {
    document: info,
    text: ({ width }) => introduction.map(line => wrap(line, width)).join('\n'),
    async afterwards() {
      // When the daemon ends, so does our connection to it.
      await watch(client, screen, { heading: 'Ctrl-C stops keepalive.', until: ended.signal }).catch(error => {
        if (!isKeepaliveError(error) || error.code !== 'KA_RPC_CONNECTION_LOST') throw error;
      });
      await stopped;
      screen.line('Stopped. No session is kept alive now.');
    },
  };
};

const PRACTICE = 'practice';
const PRACTICE_HINT =
  'The practice session is no real account: it shows what happens. To keep a real one, sign in with the tool' +
  ' that you use (`claude`, `codex login`, …); `keepalive doctor` says what is found.';
