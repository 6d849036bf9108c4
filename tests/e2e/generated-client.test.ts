import { execFile, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Session } from '../../sdk/contract/session.ts';
import { daemonWithRawClient } from '../support/daemon/raw-client.ts';
import { generateClient, generateGo, type OpenRpcMethods } from '../support/docs/generated-client.ts';
import { temporaryHome } from '../support/daemon/daemon.ts';
import { readText, ROOT } from '../support/sources.ts';

const run = promisify(execFile);

let door: Awaited<ReturnType<typeof daemonWithRawClient>>;
beforeAll(async () => {
  door = await daemonWithRawClient();
});
afterAll(() => door.end());

/** What the strict compiler says about files; empty if it accepts them. */
async function compile(folder: string, ...files: readonly string[]): Promise<string> {
  const options = ['--strict', '--target', 'es2023', '--module', 'nodenext', '--skipLibCheck', '--types', ''];
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  const { stdout } = await run(process.execPath, [compiler, ...options, ...files], { cwd: folder }).catch(
    (error: { readonly stdout: string }) => error,
  );
  return stdout;
}

test('the exported OpenRPC document is the one that the daemon answers with', async () => {
  const document = await door.daemon.client.request('rpc.discover');
  expect(JSON.parse(readText('dist/openrpc.json'))).toEqual(document);
});

test('a client that is generated from the OpenRPC document compiles and works', async () => {
  const folder = temporaryHome();
  const document = await door.daemon.client.request('rpc.discover');
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'client.ts'), await generateClient(document as OpenRpcMethods, folder));
  writeFileSync(
    join(folder, 'good.ts'),
    `import { Client, type Send } from './client.js';
     export async function use(send: Send) {
       const client = new Client(send);
       const [first] = await client['session/list']();
       if (!first) throw new Error('no session');
       const { state, policy } = await client['session/configure'](first.id, { retries: 7, jitter: null });
       const wake: number | undefined = state.name === 'waiting' ? state.wakeAt : undefined;
       const attempts = await client['session/history'](first.id, 5);
       return { id: first.id, retries: policy.retries, wake, attempts: attempts.length };
     }`,
  );
  writeFileSync(
    join(folder, 'bad.ts'),
    `import { Client, type Send } from './client.js';
     export const wrong = [
       (send: Send) => new Client(send)['session/get'](),
       (send: Send) => new Client(send)['session/get'](1),
       (send: Send) => new Client(send)['session/configure']('codex', { colour: 'red', retries: 'many' }),
       async (send: Send) => (await new Client(send)['session/get']('codex')).colour,
     ];`,
  );
  const errors = (await compile(folder, 'good.ts', 'bad.ts')).match(/^.*error TS.*$/gm);
  expect(errors).toEqual(Array(4).fill(expect.stringMatching(/^bad\.ts/)));

  const { use } = await import(pathToFileURL(join(folder, 'good.js')).href);
  const { ask, end } = await door.talk();
  const send = async (method: string, params: object) => ((await ask(method, params)) as { result: unknown }).result;
  const sessions: readonly Session[] = await door.daemon.client.request('session/list');
  expect(await use(send)).toEqual({ id: sessions[0]?.id, retries: 7, wake: undefined, attempts: expect.any(Number) });
  end();
});

const hasGo = spawnSync('go', ['version']).error === undefined;

test.skipIf(!hasGo)(
  `types in Go from the document compile${hasGo ? '' : ' (skipped: go is not installed)'}`,
  async () => {
    const folder = temporaryHome();
    const types = join(folder, 'types.go');
    writeFileSync(
      types,
      `package keepalive\n\n${await generateGo(await door.daemon.client.request('rpc.discover'), folder)}`,
    );
    expect(readFileSync(types, 'utf8')).toContain('type SessionStateWaiting struct');
    const { stdout, stderr } = await run('go', ['vet', types]);
    expect(stdout + stderr).toBe('');
  },
);
