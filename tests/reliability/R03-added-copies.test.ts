import { copyFileSync, linkSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startDaemon, untilSession } from '../support/daemon/daemon.ts';
import { oauthHome } from '../support/vendors/oauth-home.ts';
import { rotatingServer } from '../support/vendors/token-server.ts';

/** A daemon that keeps `acme`, and ways to add its file again under another name. */
async function acmeHome() {
  let release: () => void = () => undefined;
  let arrived: () => void = () => undefined;
  let pending: Promise<void> | undefined;
  const server = await rotatingServer({ pause: async () => (arrived(), await pending) });
  const { home, held } = oauthHome(server.url);
  /** Holds the next answer back. Resolves when the vendor has rotated the token. */
  const hold = () => {
    const rotated = new Promise<void>(resolve => (arrived = resolve));
    pending = new Promise(resolve => (release = resolve));
    return { rotated, release: () => release() };
  };
  const options = {
    tokenEndpoint: server.url,
    clientId: 'test',
    paths: { access: 'access_token', refresh: 'refresh_token', expiresAt: 'expires_at' },
  };
  const addition = (id: string, file: string) => ({ plugin: 'oauth', options: { ...options, id, file } });
  const tokenIn = (name: string): string => JSON.parse(readFileSync(join(home, name), 'utf8')).refresh_token;
  return { server, home, held, hold, addition, tokenIn };
}

const file = (home: string) => join(home, 'token.json');
const WAYS: readonly (readonly [string, (home: string) => string])[] = [
  ['the same path', file],
  ['another path to it', home => join(home, '.', 'x', '..', 'token.json')],
  ['a symbolic link', home => (symlinkSync(file(home), join(home, 'other.json')), join(home, 'other.json'))],
  ['a hard link', home => (linkSync(file(home), join(home, 'other.json')), join(home, 'other.json'))],
  ['a copy', home => (copyFileSync(file(home), join(home, 'other.json')), join(home, 'other.json'))],
];

const refusal = (error: unknown): void => {
  expect(error).toMatchObject({ details: { problems: [{ message: expect.stringContaining('already keeps') }] } });
};

describe.concurrent('R3: a file that is kept, and is added again', () => {
  test.each(WAYS)('by %s: is never redeemed twice, whatever is added, removed and killed', async (_way, make) => {
    const { server, home, held, hold, addition } = await acmeHome();
    const other = make(home);
    const { rotated, release } = hold();
    const daemon = await startDaemon(home);
    await rotated;
    // The vendor has rotated the token, and the answer is on its way.
    // What is seen to be the same file is refused. The others are kept, and wait.
    const add = () => daemon.client.request('session/add', addition('again', other)).catch(refusal);
    await add();
    const forced = daemon.client.request('session/refresh', { id: 'again', force: true }).catch(() => undefined);
    release();
    await Promise.all([forced, untilSession(daemon, 'acme', ({ state }) => state.name === 'alive')]);
    for (const id of ['again', 'acme', 'again'])
      await daemon.client.request('session/refresh', { id, force: true }).catch(() => undefined);
    await daemon.client.request('session/remove', { id: 'again' }).catch(() => undefined);
    await add();
    await daemon.client.request('session/refresh', { id: 'again', force: true }).catch(() => undefined);
    expect([server.isRevoked(), held()]).toEqual([false, server.current()]);
    daemon.child.kill('SIGKILL');
    await daemon.done;
    const second = await startDaemon(home);
    await second.client.request('session/refresh', { id: 'again', force: true }).catch(() => undefined);
    await second.client.request('session/refresh', { id: 'acme', force: true }).catch(() => undefined);
    expect([server.isRevoked(), held()]).toEqual([false, server.current()]);
  });

  test.each(['at once', 'after a restart'])(
    'the copy of a session that is removed is not redeemed with a spent token, %s',
    async moment => {
      const { server, home, addition, tokenIn } = await acmeHome();
      const policy = { minInterval: '100ms', jitter: 0 };
      writeFileSync(join(home, 'keepalive.config.json'), JSON.stringify({ plugins: [], policy }), { mode: 0o600 });
      const [first, copy] = ['first.json', 'copy.json'].map(name => join(home, name));
      for (const name of [first, copy]) copyFileSync(file(home), name ?? '');
      let daemon = await startDaemon(home);
      await daemon.client.request('session/add', addition('first', first ?? ''));
      await untilSession(daemon, 'first', ({ state }) => state.name === 'alive');
      await daemon.client.request('session/add', addition('copy', copy ?? ''));
      await daemon.client.request('session/refresh', { id: 'copy', force: true }).catch(() => undefined);
      await daemon.client.request('session/remove', { id: 'first' });
      if (moment === 'after a restart') {
        daemon.child.kill('SIGKILL');
        await daemon.done;
        daemon = await startDaemon(home);
      }
      await daemon.client.request('session/refresh', { id: 'copy', force: true }).catch(() => undefined);
      expect([server.isRevoked(), tokenIn('first.json')]).toEqual([false, server.current()]);
    },
  );
});
