import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createExec } from '../../../runtime/capabilities/exec.ts';
import { createWhich } from '../../../runtime/capabilities/which.ts';
import codex from '../../../plugins/codex/index.ts';
import { codexServer } from '../../support/vendors/codex-server.ts';
import { realContext, temporaryFolder } from '../../support/real-context.ts';

const which = createWhich(process.env);
const flock = await which('flock');

test.skipIf(!flock).each(['auth.lock', 'auth.json.lock'])(
  `while codex holds %s nothing is written, and nothing is lost${flock ? '' : ' (skipped: there is no flock)'}`,
  async lock => {
    const folder = await temporaryFolder();
    const home = join(folder, '.codex');
    const server = await codexServer();
    const { account, text } = server.signIn({ age: 10, left: -10 });
    await mkdir(home);
    await writeFile(join(home, 'auth.json'), text, { mode: 0o600 });
    const env = { PATH: process.env['PATH'], CODEX_REFRESH_TOKEN_URL_OVERRIDE: `${server.url}/oauth/token` };
    const exec = createExec({ workDir: join(folder, 'work'), env });
    const refresh = () => codex({ method: 'redeem' }).refresh(realContext(folder, { env, exec, which }));
    const now = () => readFile(join(home, 'auth.json'), 'utf8');

    await exec(flock ?? '', [join(home, lock), 'sh', '-c', 'echo held; read release'], {
      async talk({ lines }) {
        expect(await lines[Symbol.asyncIterator]().next()).toMatchObject({ value: 'held' });
        await expect(refresh()).rejects.toMatchObject({ code: 'KA_STORE_LOCKED' });
        expect(await now()).toBe(text);
      },
    });
    expect((await refresh()).status).toBe('refreshed');
    expect(server.isAlive(account, await now())).toBe(true);
    expect(server.exchanges).toHaveLength(1);
  },
);
