import { chmodSync, chownSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { newToken } from '../../kernel/rpc/endpoint.ts';
import type { Endpoint } from '../../sdk/rpc.ts';
import { endpointOf } from '../support/door.ts';
import { KEEPALIVED, run, startDaemon, temporaryHome } from '../support/daemon.ts';

const CONFIG = { 'keepalive.config.json': '{"plugins":["practice"],"logLevel":"trace"}' };
const mode = (path: string) => statSync(path).mode & 0o777;

test('S3: a token has 32 random bytes, and never comes twice', () => {
  const tokens = Array.from({ length: 1_000 }, newToken);
  expect(new Set(tokens).size).toBe(1_000);
  expect(tokens.map(token => Buffer.from(token, 'base64url').length).filter(length => length !== 32)).toEqual([]);
  // Each of the 256 bits is set about every second time: 6 standard deviations.
  const bits = Array.from({ length: 256 }, (_, bit) => tokens.filter(token => ((Buffer.from(token, 'base64url')[bit >> 3] ?? 0) >> (bit & 7)) & 1).length);
  expect(bits.filter(count => Math.abs(count - 500) > 95)).toEqual([]);
});

test('S3: it is another at each start, in a file for its owner alone, and nowhere else', async () => {
  const home = temporaryHome(CONFIG);
  chmodSync(home, 0o755);
  const tokens: string[] = [];
  for (const start of [1, 2]) {
    const daemon = await startDaemon(home);
    const { token, url, pid }: Endpoint = await endpointOf(daemon);
    tokens.push(token);
    expect([start, mode(home), mode(join(home, 'endpoint.json'))]).toEqual([start, 0o700, 0o600]);
    const places = [url, readFileSync(join(home, 'keepalived.log'), 'utf8'), readFileSync(join(home, 'states.json'), 'utf8')];
    if (process.platform === 'linux') places.push(...['cmdline', 'environ'].map(name => readFileSync(`/proc/${pid}/${name}`, 'utf8')));
    daemon.child.kill('SIGTERM');
    const { stdout, stderr } = await daemon.done;
    expect([...places, stdout, stderr].filter(text => text.includes(token))).toEqual([]);
  }
  expect(new Set(tokens).size).toBe(2);
});

const isRoot = process.getuid?.() === 0;
test.skipIf(!isRoot)(`S3: a home that belongs to another user is refused${isRoot ? '' : ' (skipped: only root can give a folder away)'}`, async () => {
  const home = temporaryHome({ 'theirs/keepalive.config.json': CONFIG['keepalive.config.json'] });
  chownSync(join(home, 'theirs'), 65_534, 65_534);
  const { code, stderr } = await run(KEEPALIVED, ['--home', join(home, 'theirs')], home);
  expect([code, stderr]).toEqual([1, expect.stringContaining('belongs to another user')]);
});
