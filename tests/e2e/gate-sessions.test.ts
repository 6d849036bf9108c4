import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { KEEPALIVE, run, startDaemon, temporaryHome, untilSession } from '../support/daemon/daemon.ts';
import { codexServer } from '../support/vendors/codex-server.ts';

// Which session a job needs is decided by the folder in which its program keeps the login.

const HOUR = 3_600_000;
/** Not due for a while. */
const FRESH = { age: 0, left: 5 * HOUR };

test.skipIf(process.platform === 'win32')(
  'the environment of a program chooses the session, whether the daemon or a kernel of the command is asked',
  async () => {
    const vendor = await codexServer();
    const plugins = ['codex', ['codex', { id: 'codex-work', home: '~/work' }]];
    const home = temporaryHome({
      'keepalive.config.json': JSON.stringify({ plugins }),
      '.codex/auth.json': vendor.signIn(FRESH).text,
      'work/auth.json': vendor.signIn({ ...FRESH, left: HOUR }).text,
    });
    mkdirSync(join(home, 'bin'));
    writeFileSync(join(home, 'bin/codex'), '#!/bin/sh\necho ran\n', { mode: 0o755 });
    const env = {
      CODEX_REFRESH_TOKEN_URL_OVERRIDE: `${vendor.url}/oauth/token`,
      PATH: `${join(home, 'bin')}:/usr/bin:/bin`,
    };
    const exec = (folder?: string) =>
      run(KEEPALIVE, ['exec', '--', 'codex'], home, { ...env, ...(folder && { CODEX_HOME: join(home, folder) }) });
    expect([await exec(), await exec('work'), await exec('other')]).toMatchObject([
      { code: 0, stdout: 'ran\n' },
      { code: 0, stdout: 'ran\n' },
      // A kernel of the command has its environment, and the session with the usual options follows that.
      { code: 6, stdout: '', stderr: expect.stringMatching(/^codex: It is unavailable\./) },
    ]);

    const { client } = await startDaemon(home, { env });
    const daemon = { client };
    for (const id of ['codex', 'codex-work']) await untilSession(daemon, id, ({ state }) => state.name === 'alive');
    const keepers = (folder: string | null) =>
      client.request('tool/sessions', {
        plugin: 'codex',
        env: { CODEX_HOME: folder === null ? null : join(home, folder) },
      });
    expect([await keepers(null), await keepers('.codex'), await keepers('work'), await keepers('other')]).toEqual([
      ['codex'],
      ['codex'],
      ['codex-work'],
      [],
    ]);
    expect(await client.request('tool/sessions', { plugin: 'no-such-tool', env: {} })).toEqual([]);

    writeFileSync(join(home, 'work/auth.json'), '{}');
    await untilSession(daemon, 'codex-work', ({ state }) => state.name === 'halted');
    expect([await exec(), await exec('.codex'), await exec('work'), await exec('other')]).toMatchObject([
      { code: 0, stdout: 'ran\n' },
      { code: 0, stdout: 'ran\n' },
      {
        code: 6,
        stdout: '',
        stderr: expect.stringMatching(/^codex-work: It is unavailable\. .*Run `keepalive login codex-work`\./),
      },
      { code: 6, stdout: '', stderr: expect.stringMatching(/^No session keeps the login that codex uses here\./) },
    ]);
  },
);
