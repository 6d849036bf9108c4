import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { defaultLoaders } from 'cosmiconfig';
import { describe, expect, test } from 'vitest';
import { METHODS } from '../../sdk/contract/rpc-schema.ts';
import type { Endpoint } from '../../sdk/contract/rpc.ts';
import { ADDRESSES, canaryHome, eavesdrop, readMetrics } from '../support/canary/canaries.ts';
import { KEEPALIVE, run, startDaemon, temporaryHome, untilSession } from '../support/daemon/daemon.ts';
import { IS_TORTURE } from '../support/runs.ts';
import { CAN_WATCH, startsIn, watched } from '../support/daemon/watched-processes.ts';

type Sinks = Readonly<Record<string, string>>;

const leaks = (sinks: Sinks, secrets: readonly string[]): readonly string[] =>
  Object.entries(sinks).flatMap(([where, text]) =>
    secrets.filter(secret => text.includes(secret)).map(secret => `${where}: ${secret}`),
  );

/** Runs sessions of every kind and collects everything that was written or sent. */
async function collectOutput() {
  const canary = await canaryHome({ thorough: IS_TORTURE });
  const { home, env, outcomes, isStore, tokens, used } = canary;
  const [ids, first] = [Object.keys(outcomes), tokens()];
  const started = join(home, 'started');
  const daemon = await startDaemon(home, { env, ...(IS_TORTURE && CAN_WATCH && { within: watched(started) }) });
  const endpoint: Endpoint = JSON.parse(readFileSync(join(home, 'endpoint.json'), 'utf8'));
  const { frames, ask } = await eavesdrop(endpoint);
  const settled = await Promise.all(
    ids.map(id => untilSession(daemon, id, ({ lastAttempt }) => lastAttempt !== undefined)),
  );

  await ask('session/configure', { id: 'acme', policy: { schedule: { mode: 'interval', every: '42m' } } });
  await ask('session/configure', { id: 'acme', policy: { schedule: 'CANARY-wrong' } });
  for (const method of Object.keys(METHODS).filter(name => name !== 'kernel/stop')) {
    if (method.startsWith('session/')) await Promise.all(ids.map(id => ask(method, { id })));
    await ask(method);
  }
  const keepalive = (...args: string[]) => run(KEEPALIVE, args, home, env);
  const file = join(home, 'bundle.json');
  const bundles = [
    await keepalive('doctor', '--bundle', file),
    await keepalive('doctor', '--bundle', file),
    await keepalive('doctor', '--bundle'),
  ];
  const refused = await keepalive('exec', '--wait', '5s', '--', process.execPath, '-e', '0');
  const everything = IS_TORTURE
    ? [
        ['status'],
        ['explain', 'careless'],
        ['plan'],
        ['history'],
        ['logs'],
        ['doctor'],
        ['config', 'show'],
        ['plugin', 'list'],
        ['prompt'],
        ['refresh', 'broken'],
        ['check'],
      ]
    : [];
  const said = [
    ...bundles,
    await keepalive('status', 'careless'),
    // One line for each session that does not pass.
    refused,
    ...(await Promise.all(everything.map(args => keepalive(...args)))),
  ];
  const metrics = await readMetrics(home);
  await ask('kernel/stop');
  const { stdout, stderr } = await daemon.done;

  const written = readdirSync(home, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => relative(home, join(entry.parentPath, entry.name)))
    .filter(name => !isStore(name));
  const sinks: Sinks = {
    'every frame': frames.join('\n'),
    'the daemon': stdout + stderr,
    'the command line': said.flatMap(({ stdout: out, stderr: error }) => [out, error]).join('\n'),
    'the webhook': used().notices.join('\n'),
    'messages of all channels': used().messages.join('\n'),
    'the metrics': metrics,
    ...Object.fromEntries(written.map(name => [name, readFileSync(join(home, name), 'utf8')])),
  };
  return {
    canary,
    sinks,
    secrets: [...new Set(['CANARY', ...ADDRESSES, endpoint.token, ...first, ...tokens()])],
    refused,
    codes: bundles.map(({ code }) => code),
    mode: statSync(file).mode & 0o777,
    starts: existsSync(started) ? startsIn(started).length : undefined,
    outcomes: Object.fromEntries(settled.map(({ id, lastAttempt }) => [id, lastAttempt?.outcome])),
  };
}

test('S7 control: without the scrubber, secrets are in every place', { timeout: 300_000 }, async ({ annotate }) => {
  const { home, env, outcomes } = await canaryHome();
  const daemon = await startDaemon(home, { env, hooks: new URL('../support/daemon/no-scrub.mjs', import.meta.url) });
  const { frames, ask } = await eavesdrop(JSON.parse(readFileSync(join(home, 'endpoint.json'), 'utf8')));
  await Promise.all(
    Object.keys(outcomes).map(id => untilSession(daemon, id, ({ lastAttempt }) => lastAttempt !== undefined)),
  );
  await ask('doctor/bundle');
  await ask('kernel/stop');
  await daemon.done;
  const sinks = {
    frames: frames.join('\n'),
    ...Object.fromEntries(
      ['keepalived.log', 'states.json', 'history.jsonl'].map(name => [name, readFileSync(join(home, name), 'utf8')]),
    ),
  };
  const found = leaks(sinks, ['CANARY', ...ADDRESSES.slice(0, 1)]);
  expect(new Set(found.map(leak => leak.split(':')[0]))).toEqual(new Set(Object.keys(sinks)));
  await annotate(`found in ${Object.keys(sinks).join(', ')}`);
});

test(
  'S7: no secret and no email address is anywhere but in its own file',
  { timeout: 300_000 },
  async ({ annotate }) => {
    const { canary, sinks, secrets, codes, mode, starts, outcomes, refused } = await collectOutput();
    const { 'seen-by-child': child = '', started = '', ...others } = sinks;
    expect(leaks(others, secrets)).toEqual([]);
    // The user's environment is passed on unchanged. Neither it nor the arguments contain a secret of ours.
    expect(leaks({ child: (child + started).replaceAll('CANARY-environment', '') }, secrets)).toEqual([]);

    // Frontends get the accounts, masked, and only as part of a session. Nothing else has them.
    const named = Object.keys(others).filter(name => others[name]?.includes('…@'));
    expect(named.filter(name => name !== 'the command line')).toEqual(['every frame']);
    const frames = (others['every frame'] ?? '').split('\n').filter(frame => frame.includes('…@'));
    const methods = frames.map(frame => JSON.parse(frame).method ?? 'an answer');
    expect(new Set(methods)).toEqual(new Set(['session/didChange', 'an answer']));

    // All of them were read, used and written, and caused errors and notices, so each had a chance to leak.
    expect(outcomes).toEqual(canary.outcomes);
    const { tokens, cookies, exchanges, visits, notices, messages } = canary.used();
    expect(tokens).toEqual(expect.arrayContaining(['CANARY-acme-refresh', 'CANARY-broken-refresh']));
    expect([cookies > 0, exchanges > 0, visits > 0 || !canary.hasProxy, notices.length > 0]).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(messages).toHaveLength(7);
    expect(messages.filter(message => !message.includes('This is a test notice'))).toEqual([]);
    for (const name of ['keepalived.log', 'history.jsonl', 'states.json', 'bundle.json', 'every frame'])
      expect([name, sinks[name]]).toEqual([name, expect.stringContaining('[secret]')]);
    for (const id of Object.keys(outcomes)) expect(sinks['the metrics']).toContain(`session="${id}"`);
    expect(Object.keys(sinks)).toEqual(
      expect.arrayContaining([
        'settings.json',
        'seen-by-child',
        'noticed',
        expect.stringMatching(/^keepalive-support-[\d-]{19}\.json$/),
      ]),
    );
    expect(leaks({ control: secrets.join(' ') }, secrets)).toHaveLength(secrets.length);

    expect(refused).toMatchObject({ code: 6, stdout: '', stderr: expect.stringMatching(/^careless: .*\[secret\]/m) });

    // The bundle is private, replaces no file, and has the useful parts.
    expect([codes, mode]).toEqual([[0, 1, 0], 0o600]);
    const bundle = JSON.parse(sinks['bundle.json'] ?? '');
    expect(METHODS['doctor/bundle'].result.safeParse(bundle).error).toBeUndefined();
    expect(bundle).toMatchObject({
      environment: expect.arrayContaining(['ACME_TOKEN', 'PATH']),
      shell: expect.arrayContaining(['PATH']),
      findings: expect.arrayContaining([expect.objectContaining({ subject: 'careless', level: 'error' })]),
      attempts: expect.arrayContaining([expect.objectContaining({ id: 'broken', outcome: 'failed' })]),
    });
    expect(bundle.log.length).toBeGreaterThan(10);
    const bytes = Object.values(sinks).reduce((sum, text) => sum + text.length, 0);
    await annotate(
      `${Object.keys(outcomes).length} sessions of every provider, ` +
        `real programs: ${canary.real.join(', ') || 'none, stand-ins for all'}; ` +
        `${secrets.length} secrets looked for in ${Object.keys(sinks).length} places, ${Math.round(bytes / 1024)} kB` +
        `${starts === undefined ? '' : `, and in arguments and environments of ${starts} programs`}: 0 found`,
    );
  },
);

test('S7: the secrets of an added session are in its credential and in settings.json only', async () => {
  const tokens = JSON.stringify({ a: 'CANARY-access', r: 'CANARY-refresh', e: 1 });
  const home = temporaryHome({ 'tokens.json': tokens, secret: 'CANARY-client-secret', header: 'CANARY of a  header' });
  const daemon = await startDaemon(home);
  const { frames, ask } = await eavesdrop(JSON.parse(readFileSync(join(home, 'endpoint.json'), 'utf8')));
  const args = (id: string, host: string) =>
    `add oauth --id ${id} file=~/tokens.json tokenEndpoint=${host}/token clientId=x clientSecret=@~/secret ` +
    'headers.x-key=@~/header paths.access=a paths.refresh=r paths.expiresAt=e --json';
  const refused = await run(KEEPALIVE, args('wrong', 'http://acme.example').split(' '), home);
  const added = await run(KEEPALIVE, args('acme', 'https://127.0.0.1:9').split(' '), home);
  expect([refused.code, added.code, added.stderr]).toEqual([2, 0, '']);
  await untilSession(daemon, 'acme', ({ lastAttempt }) => lastAttempt !== undefined);
  for (const method of ['session/list', 'plugin/list', 'config/show', 'tool/list', 'doctor/run', 'doctor/bundle'])
    await ask(method);
  await ask('session/explain', { id: 'acme' });
  await daemon.client.request('kernel/stop');
  const { stdout, stderr } = await daemon.done;
  const files = readdirSync(home).filter(name => statSync(join(home, name)).isFile());
  const sinks = {
    ...Object.fromEntries(files.map(name => [name, readFileSync(join(home, name), 'utf8')])),
    frames: frames.join('\n'),
    said: [refused, added].map(result => result.stdout + result.stderr).join(''),
    daemon: stdout + stderr,
  };
  expect(leaks(sinks, ['CANARY']).toSorted()).toEqual(
    ['header', 'secret', 'settings.json', 'tokens.json'].map(name => `${name}: CANARY`),
  );
});

const DAMAGED = [
  ['json', '{"plugins": [["oauth", {\n"clientSecret": CANARY, "scope": "x"}]]}'],
  ['yaml', 'plugins:\n  - [oauth, {clientSecret: CANARY, : }]\n bad'],
  ['ts', 'export default {\n  plugins: [["oauth", { clientSecret: "CANARY" "x" }]] };'],
] as const;

// Parsers show the text around an error, in colour if they expect a terminal.
describe.concurrent.each([{ CI: 'true' }, { FORCE_COLOR: '1' }, {}])(
  'S7: the error about a damaged configuration shows none of its content, with %j',
  colours => {
    test.each(DAMAGED)('%s', async (extension, text) => {
      const home = temporaryHome({ [`keepalive.config.${extension}`]: text });
      const { code, stdout, stderr } = await run(KEEPALIVE, ['check'], home, { NO_COLOR: undefined, ...colours });
      expect([code, stdout, stderr]).toEqual([7, '', expect.stringContaining(`keepalive.config.${extension}`)]);
      expect(leaks({ stderr }, ['CANARY', '\u001b'])).toEqual([]);
    });
  },
);

test('S7 control: the message of the parser shows it', () => {
  expect(() => defaultLoaders['.json']('keepalive.config.json', DAMAGED[0][1])).toThrow('CANARY');
});
