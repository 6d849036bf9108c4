import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createExec } from '../../runtime/capabilities/exec.ts';
import augment from '../../plugins/augment/index.ts';
import { realContext, temporaryFolder } from '../support/real-context.ts';
import { findVendorProgram, noVendorProgram } from '../support/vendors/vendor-program.ts';

const program = findVendorProgram('auggie');
const TOKEN = 'CANARY-auggie-access-token';

/** An Augment tenant on loopback with a signed-in user. */
async function signedIn() {
  const asked: string[] = [];
  let status = 200;
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const folder = await temporaryFolder();
  const file = join(folder, '.augment', 'session.json');
  const text = JSON.stringify({ accessToken: TOKEN, tenantURL: url, scopes: ['email'] }, null, 2);
  await mkdir(join(folder, '.augment'), { mode: 0o700 });
  await writeFile(file, text, { mode: 0o600 });
  // All other network requests of auggie go to a proxy that does not exist.
  const proxy = { HTTPS_PROXY: 'http://127.0.0.1:9', NO_PROXY: '127.0.0.1' };
  const env = { PATH: process.env['PATH'], HOME: folder, TERM: 'dumb', AUGMENT_DISABLE_AUTO_UPDATE: '1', ...proxy };
  const exec = createExec({ workDir: join(folder, 'work'), env });
  return {
    asked,
    folder,
    file,
    text,
    run: (...args: string[]) => exec(program ?? '', args),
    answer: (code: number) => void (status = code),
  };
}

describe.skipIf(!program)(`with the real auggie (${program ?? `skipped: ${noVendorProgram('auggie')}`})`, () => {
  test('auggie accepts a login after it was checked', async () => {
    const { asked, folder, file, text, run } = await signedIn();
    expect(await augment().refresh(realContext(folder))).toEqual({ status: 'fresh', method: 'observe' });
    expect(asked).toEqual([`POST /get-models Bearer ${TOKEN}`]);
    const { exitCode, stdout } = await run('token', 'print');
    expect({ exitCode, accepted: stdout.includes(TOKEN) }).toEqual({ exitCode: 0, accepted: true });
    expect(asked.length).toBeGreaterThan(1);
    expect(await readFile(file, 'utf8')).toBe(text);
  }, 60_000);

  test('a refusal that makes auggie delete its login only asks the user to sign in, and the login stays', async () => {
    const { folder, file, text, run, answer } = await signedIn();
    answer(401);
    expect(await augment().refresh(realContext(folder))).toMatchObject({ status: 'deferred' });
    expect(await readFile(file, 'utf8')).toBe(text);
    answer(200);
    expect(await augment().refresh(realContext(folder))).toMatchObject({ status: 'fresh' });
    answer(401);
    await run('token', 'print');
    await expect(readFile(file, 'utf8')).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await augment().refresh(realContext(folder))).toMatchObject({
      status: 'unavailable',
      hint: expect.stringMatching(/^Run `auggie login`/),
    });
  }, 60_000);
});
