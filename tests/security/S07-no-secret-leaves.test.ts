import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { METHODS } from '../../kernel/rpc/schemas.ts';
import type { Endpoint } from '../../sdk/rpc.ts';
import { canaryHome, eavesdrop, EMAIL, STORES } from '../support/canaries.ts';
import { KEEPALIVE, run, startDaemon, untilSession } from '../support/daemon.ts';

type Sinks = Readonly<Record<string, string>>;

const leaks = (sinks: Sinks, secrets: readonly string[]): readonly string[] =>
  Object.entries(sinks).flatMap(([where, text]) => secrets.filter(secret => text.includes(secret)).map(secret => `${where}: ${secret}`));

/** Lets everything happen that can happen to credentials, and gives everything that came of it. */
async function live() {
  const { home, env, ids, codexTokens, used } = await canaryHome();
  const first = codexTokens();
  const daemon = await startDaemon(home, { env });
  const endpoint: Endpoint = JSON.parse(readFileSync(join(home, 'endpoint.json'), 'utf8'));
  const { frames, ask } = await eavesdrop(endpoint);
  const settled = await Promise.all(ids.map(id => untilSession(daemon, id, ({ lastAttempt }) => lastAttempt !== undefined)));

  await ask('session/configure', { id: 'acme', policy: { schedule: { mode: 'interval', every: '42m' } } });
  await ask('session/configure', { id: 'acme', policy: { schedule: 'CANARY-wrong' } });
  for (const method of Object.keys(METHODS).filter(name => name !== 'kernel/stop')) {
    if (method.startsWith('session/')) for (const id of ids) await ask(method, { id });
    await ask(method);
  }
  const keepalive = (...args: string[]) => run(KEEPALIVE, args, home, env);
  const file = join(home, 'bundle.json');
  const [made, again, named, card] = [
    await keepalive('doctor', '--bundle', file), await keepalive('doctor', '--bundle', file), await keepalive('doctor', '--bundle'), await keepalive('status', 'careless'),
  ];
  await ask('kernel/stop');
  const { stdout, stderr } = await daemon.done;

  const written = readdirSync(home, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
    .map(entry => relative(home, join(entry.parentPath, entry.name))).filter(name => !STORES.test(name));
  const sinks: Sinks = {
    'every frame': frames.join('\n'), 'the daemon': stdout + stderr, 'the command line': [made, again, named, card].flatMap(said => [said.stdout, said.stderr]).join('\n'),
    ...Object.fromEntries(written.map(name => [name, readFileSync(join(home, name), 'utf8')])),
  };
  return {
    sinks, secrets: ['CANARY', EMAIL, endpoint.token, ...first, ...codexTokens()], used: used(), codes: [made.code, again.code, named.code], mode: statSync(file).mode & 0o777,
    outcomes: Object.fromEntries(settled.map(({ id, lastAttempt }) => [id, lastAttempt?.outcome])),
  };
}

test('S7: no secret, and no address of a person, is anywhere but where it belongs', { timeout: 60_000 }, async () => {
  const { sinks, secrets, used, codes, mode, outcomes } = await live();
  const { 'seen-by-child': child = '', ...others } = sinks;
  expect(leaks(others, secrets)).toEqual([]);
  // The environment is the user's, and handed on as it is; nothing of ours is in it, nor in the arguments.
  expect(leaks({ child: child.replaceAll('CANARY-environment', '') }, secrets)).toEqual([]);

  // All of them were read, used, failed with and written down, so that there was something to leak.
  expect(outcomes).toEqual({ codex: 'refreshed', acme: 'refreshed', broken: 'failed', careless: 'failed', web: 'refreshed', owned: 'refreshed' });
  expect(used.tokens).toEqual(expect.arrayContaining(['CANARY-acme-refresh', 'CANARY-broken-refresh']));
  expect([used.cookies > 0, used.exchanges]).toEqual([true, 1]);
  for (const name of ['keepalived.log', 'history.jsonl', 'states.json', 'bundle.json', 'every frame']) expect([name, sinks[name]]).toEqual([name, expect.stringContaining('[secret]')]);
  expect(Object.keys(sinks)).toEqual(expect.arrayContaining(['settings.json', 'seen-by-child', expect.stringMatching(/^keepalive-support-[\d-]{19}\.json$/)]));
  expect(leaks({ control: secrets.join(' ') }, secrets)).toHaveLength(secrets.length);

  // The bundle is for its owner, replaces nothing, and has what helps.
  expect([codes, mode]).toEqual([[0, 1, 0], 0o600]);
  const bundle = JSON.parse(sinks['bundle.json'] ?? '');
  expect(METHODS['doctor/bundle'].result.safeParse(bundle).error).toBeUndefined();
  expect(bundle).toMatchObject({
    environment: expect.arrayContaining(['ACME_TOKEN', 'PATH']), shell: expect.arrayContaining(['PATH']),
    findings: expect.arrayContaining([expect.objectContaining({ subject: 'careless', level: 'error' })]),
    attempts: expect.arrayContaining([expect.objectContaining({ id: 'broken', outcome: 'failed' })]),
  });
  expect(bundle.log.length).toBeGreaterThan(10);
});
