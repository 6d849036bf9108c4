import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { withProviderHome } from '../../../plugins/ui-cli/adding/home-of-provider.ts';
import { KeepaliveError } from '../../../sdk/contract/errors.ts';
import type { Addition } from '../../../sdk/contract/rpc.ts';
import { ALIVE, FakeKernel, session, UNAVAILABLE } from './fake-kernel.ts';
import { keepalive, temporaryFolder, type Circumstances } from './run-cli.ts';

/** A daemon that adds whatever it is asked to. */
function daemonWith(state = ALIVE, more = {}) {
  const added: Addition[] = [];
  const daemon = new FakeKernel([], {
    'session/add': addition => {
      added.push(addition);
      return session(String(addition.options['id'] ?? addition.plugin), state, { added: true, ...more });
    },
    'session/remove': () => null,
    'tool/list': () => [],
  });
  return { added, daemon };
}

const optionsOf = async (line: readonly string[], more: Circumstances = {}) => {
  const { added, daemon } = daemonWith();
  const result = await keepalive(['add', ...line], { daemon, ...more });
  return { ...result, options: added[0]?.options };
};

describe('keepalive add', () => {
  test.each<[readonly string[], object]>([
    [['codex', '--home', '~/.codex-work', '--id', 'codex-work'], { id: 'codex-work', home: '~/.codex-work' }],
    [['codex', '--home=/srv/codex', 'method=observe'], { home: '/srv/codex', method: 'observe' }],
    [['augment', 'auggie.home=~/.augment-2'], { auggie: { home: '~/.augment-2' } }],
    [['augment', 'auggie=true'], { auggie: true }],
    [
      ['command', '--id', 'x', 'run=acme auth touch', 'always=true'],
      { id: 'x', run: ['acme', 'auth', 'touch'], always: true },
    ],
    [['command', '--id', 'x', 'run=["a b","c"]'], { id: 'x', run: ['a b', 'c'] }],
    [
      [
        'cookies',
        '--id',
        'x',
        'jar.browser=firefox',
        'ping=https://a.example/me',
        'alive.json=user,id',
        'alive.status=204',
      ],
      {
        id: 'x',
        jar: { browser: 'firefox' },
        ping: ['https://a.example/me'],
        alive: { json: ['user', 'id'], status: 204 },
      },
    ],
  ])('%j passes options of their own types', async (line, options) => {
    const result = await optionsOf(line);
    expect(result.err).toBe('');
    expect(result.options).toEqual(options);
  });

  test.each<[readonly string[], string]>([
    [['codx'], 'There is no built-in provider "codx". There are: claude, codex,'],
    [['codx'], 'Did you mean codex?'],
    [['practice'], 'run `keepalive restart --demo`.'],
    [['codex', 'hme=x'], 'codex has no option "hme". Did you mean "home"?'],
    [['oauth', '--home', '/x'], 'For the folder of keepalive itself, write --home before `add`.'],
    [['codex', 'home'], "home needs a value: codex's folder"],
    [['codex', 'method=redem'], 'expected one of auto, touch, redeem, observe. Did you mean "redeem"?'],
    [['augment', 'auggie=yes'], 'auggie=yes: expected true or false.'],
    [['augment', 'auggie=true', 'auggie.home=/x'], '"auggie" is given twice.'],
    [['cookies', '--id', 'x', 'alive.status=ok'], 'alive.status=ok: expected a number.'],
    [['oauth', '--id', 'x', 'file=/t.json'], 'oauth also needs tokenEndpoint, clientId, paths.access, paths.refresh.'],
  ])('%j is refused before anything is asked: %s', async (line, message) => {
    const { exitCode, err, options } = await optionsOf(line);
    expect([exitCode, options]).toEqual([2, undefined]);
    expect(err).toContain(message);
  });

  const oauth = ['oauth', '--id', 'x', 'file=~/t.json', 'tokenEndpoint=https://a.example/t', 'clientId=me'];
  const complete = [...oauth, 'paths.access=a', 'paths.refresh=tokens.r'];

  test('a secret is read from a file or the standard input, and one on the command line is warned of', async () => {
    const file = join(temporaryFolder(), 'secret');
    writeFileSync(file, 's3cret\n');
    const fromFile = await optionsOf([...complete, `clientSecret=@${file}`]);
    expect(fromFile).toMatchObject({
      err: '',
      options: { clientSecret: 's3cret', paths: { access: 'a', refresh: 'tokens.r' } },
    });
    const input = { system: { readInput: async () => 'Bearer s3cret\n' } };
    const fromInput = await optionsOf([...complete, 'headers.x-api.key=-'], input);
    expect(fromInput).toMatchObject({ err: '', options: { headers: { 'x-api.key': 'Bearer s3cret' } } });
    const plain = await optionsOf([...complete, 'clientSecret=s3cret']);
    expect(plain.err).toContain('Write clientSecret=@FILE');
    expect(plain.err).not.toContain('s3cret');
  });

  test('says what happens next', async () => {
    const kept = await optionsOf(['codex', '--id', 'work']);
    expect(kept.out).toContain('It was added, and is kept alive from now on.');
    expect(kept.out).toContain('`keepalive remove work`');
    const { daemon } = daemonWith(UNAVAILABLE);
    expect((await keepalive(['add', 'codex'], { daemon })).out).toContain('nothing to keep alive there yet');
    const observed = daemonWith(ALIVE, { method: 'observe' });
    expect((await keepalive(['add', 'codex'], observed)).out).toContain('It was added, and is watched from now on.');
  });

  test("the daemon's refusals are in the words of the command", async () => {
    const refuse = (error: unknown) =>
      keepalive(['add', 'codex'], { daemon: new FakeKernel([], { 'session/add': () => Promise.reject(error) }) });
    const problems = [{ path: 'options.home', message: 'expected a text' }];
    const invalid = await refuse(Object.assign(new Error('Invalid params'), { code: -32_602, data: { problems } }));
    expect(invalid).toMatchObject({ exitCode: 2, err: 'codex cannot be added like this:\n  home: expected a text\n' });
    const twice = await refuse(new KeepaliveError('KA_PLUGIN_DUPLICATE_ID', { id: 'codex' }));
    expect(twice.err).toContain('keepalive add codex --id codex-2');
    expect(twice.err).not.toContain('keepalive remove');
    const again = await refuse(new KeepaliveError('KA_PLUGIN_DUPLICATE_ID', { id: 'codex', added: true }));
    expect(again.err).toContain('To replace the first, run `keepalive remove codex` before.');
  });

  test('alone lists the providers and the logins that were found', async () => {
    const offer = { plugin: 'codex', options: { id: 'codex-work', home: '~/.codex-work' } };
    const tool = {
      plugin: 'codex',
      displayName: 'Codex',
      status: 'not-kept',
      places: [],
      sessions: [],
      offer,
    } as const;
    const { out } = await keepalive(['add'], { daemon: new FakeKernel([], { 'tool/list': () => [tool] }) });
    expect(out).toContain('keepalive add codex --id codex-work --home ~/.codex-work');
    expect(out).toContain('oauth: a JSON file');
  });

  test('--help explains every provider and its options', async () => {
    const { out } = await keepalive(['add', '--help']);
    expect(out).toContain("codex: OpenAI's Codex");
    expect(out).toContain('paths.access=TEXT');
  });
});

test('keepalive remove says that the credential was not touched', async () => {
  const { daemon } = daemonWith();
  expect(await keepalive(['remove', 'work'], { daemon })).toMatchObject({
    exitCode: 0,
    out: 'work is no longer kept alive. Its credential was not touched.\n',
  });
  expect(daemon.asked).toContainEqual(['session/remove', { id: 'work' }]);
});

test.each<[string, string]>([
  ['add codex --home /x', 'add codex home=/x'],
  ['--home /ka add codex --home /x --json', '--home /ka add codex home=/x --json'],
  ['--json --config /c add codex --home=/x', '--json --config /c add codex home=/x'],
  ['add codex -- --home /x', 'add codex -- --home /x'],
  ['status --home /ka', 'status --home /ka'],
  ['--home add status --home /ka', '--home add status --home /ka'],
  ['', ''],
])('of `keepalive %s`, only a --home after add is the provider’s', (line, expected) => {
  expect(withProviderHome(line.split(' ')).join(' ')).toBe(expected);
});

test.each([
  [{ file: '/c.ts' }, 'It is in /c.ts. Remove it there.'],
  [{ demo: true }, 'To end it, run `keepalive stop`, and then `keepalive start` without `--demo`.'],
  [{}, 'It was found on this machine. To keep it alive no longer, run `keepalive pause one`.'],
])('keepalive remove of a session that was not added, with %j, says how else it is ended', async (details, hint) => {
  const error = new KeepaliveError('KA_SESSION_NOT_ADDED', { id: 'one', ...details });
  const daemon = new FakeKernel([], { 'session/remove': () => Promise.reject(error) });
  expect(await keepalive(['remove', 'one'], { daemon })).toMatchObject({
    exitCode: 1,
    err: expect.stringContaining(hint),
  });
});
