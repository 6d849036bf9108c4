import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../../../plugins/ui-cli/commands/table.ts';
import { quote } from '../../../../plugins/ui-cli/remote/command-line.ts';
import { sshFailure } from '../../../../plugins/ui-cli/remote/failure.ts';
import { takePlace } from '../../../../plugins/ui-cli/remote/place.ts';
import { STAYS_HERE } from '../../../../plugins/ui-cli/remote/stays-here.ts';
import { variablesFor } from '../../../../plugins/ui-cli/remote/variables.ts';
import { plain, tableRows } from '../../../support/docs/markdown.ts';
import { readText } from '../../../support/sources.ts';
import { keepalive } from '../run-cli.ts';

describe('the place of a command', () => {
  test.each([
    [['status'], undefined],
    [['exec', '--', 'x', '--host', 'y'], undefined],
    [['--host', 'box'], { host: 'box', argv: [] }],
    [['status', '--host=me@box', '-w'], { host: 'me@box', argv: ['status', '-w'] }],
    [['exec', '--host', 'box', '--', 'x', '--host', 'y'], { host: 'box', argv: ['exec', '--', 'x', '--host', 'y'] }],
    [['status', '--host', 'fe80::1%eth0'], { host: 'fe80::1%eth0', argv: ['status'] }],
    [
      ['--remote-command', 'npx session-keepalive', '--host', 'b', 'plan'],
      { host: 'b', remoteCommand: 'npx session-keepalive', argv: ['plan'] },
    ],
  ])('of %j is found', (argv, place) => {
    expect(takePlace(argv)).toEqual(place && { remoteCommand: 'keepalive', ...place });
  });

  test.each([
    ['status', '--host'],
    ['status', '--host='],
    ['status', '--host', ' '],
    ['status', '--host', 'a', '--host', 'b'],
    ['status', '--host', '-oProxyCommand=x'],
    ['status', '--host', 'me@-oProxyCommand=x'],
    ['status', '--host', 'a b'],
    ['status', '--host', 'a\nb'],
    ['status', '--host', 'a\u0007'],
    ['status', '--host', '$(x)'],
    ['status', '--host', "a'b"],
    ['status', '--remote-command', 'x'],
    ['status', '--host', 'a', '--remote-command', ''],
    ['status', '--host', 'a', '--remote-command', 'x\ny'],
    ['--version', '--host', 'a'],
    ['status', '--host', 'a', '--nonsense'],
  ])('is refused before ssh is run: %j', async (...argv) => {
    expect(await keepalive(argv)).toMatchObject({ exitCode: 2, out: '' });
  });
});

const named = Object.values(COMMANDS)
  .flat()
  .map(({ usage }) => usage.replace(/ [<[].*$/, ''));

test.each(Object.keys(STAYS_HERE))('keepalive %s does not take --host, and says why', async name => {
  expect(named).toContain(name);
  const { exitCode, err } = await keepalive([...name.split(' '), ...(OPERANDS[name] ?? []), '--host', 'box']);
  expect(exitCode).toBe(2);
  expect(err).toContain(`\`keepalive ${name}\` does not take --host: `);
});
const OPERANDS: Readonly<Record<string, readonly string[]>> = {
  completion: ['bash'],
  'plugin new': ['x'],
  'plugin test': ['x'],
};

test('docs/remote.md has every command, and which do not take --host', () => {
  const rows = tableRows(readText('docs/remote.md'), /^## Which commands/).flatMap(([names = '', about = '']) =>
    plain(names)
      .split(' · ')
      .map(name => [name.replace('keepalive ', ''), about.startsWith('refused')] as const),
  );
  expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(named.map(name => [name, name in STAYS_HERE])));
});

test('a word is quoted for any usual shell', () => {
  expect(quote(`a'b\\c "$x"`)).toBe(`'a'\\''b'\\\\'c "$x"'`);
});

describe('the variables that are sent', () => {
  const terminal = { write: () => true, isTTY: true, columns: 90 };
  const pipe = { write: () => true };
  test.each([
    ['to a terminal', { out: terminal, isTerminal: true }, { TERM: 'xterm' }, {}],
    [
      'to a terminal without colours',
      { out: terminal, isTerminal: true },
      { NO_COLOR: '1', SECRET: 'x' },
      { NO_COLOR: '1' },
    ],
    [
      'if only the output is one',
      { out: terminal, isTerminal: false },
      { TERM: 'xterm' },
      { COLUMNS: '90', FORCE_COLOR: '1' },
    ],
    [
      'if it has no colours',
      { out: terminal, isTerminal: false },
      { TERM: 'dumb' },
      { COLUMNS: '90', FORCE_COLOR: '0' },
    ],
    [
      'to a pipe',
      { out: pipe, isTerminal: false },
      { COLUMNS: '70', FORCE_COLOR: '1' },
      { COLUMNS: '70', FORCE_COLOR: '1' },
    ],
    ['to a pipe of no known width', { out: pipe, isTerminal: false }, { TERM: 'xterm', TZ: 'UTC' }, {}],
  ])('%s', (_, here, env, sent) => {
    expect(variablesFor({ ...here, env })).toEqual(sent);
  });
});

test.each([
  ['ssh: connect to host box port 22: Connection timed out', 'it did not answer'],
  ['ssh: connect to host box port 22: No route to host', 'it did not answer'],
  ['client_loop: send disconnect: Broken pipe', 'the connection was lost'],
  ['kex_exchange_identification: read: Connection reset by peer', 'the connection was lost'],
  ['', 'the connection was lost'],
  ['ssh_config: line 3: Bad configuration option: foo', 'ssh_config: line 3: Bad configuration option: foo'],
])('ssh reports %j', (report, reason) => {
  expect(sshFailure('box', report).details).toMatchObject({ host: 'box', reason });
});
