import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { trayModel } from '../../plugins/ui-tray/menu.ts';
import { coloured, shown } from '../../plugins/ui-cli/render/view.ts';
import { printable, printableJson } from '../../sdk/base/printable.ts';
import type { NotifierInfo, PluginInfo, Tool } from '../../sdk/contract/rpc.ts';
import type { Notice } from '../../sdk/contract/session.ts';
import { KEEPALIVE, KEEPALIVED, run, startDaemon, temporaryHome } from '../support/daemon/daemon.ts';
import { ESCAPE, steers, STEERING } from '../support/io/steering.ts';
import { FakeKernel, INFO, NOW, session, type Answers } from '../plugins/ui-cli/fake-kernel.ts';
import { keepalive, temporaryFolder } from '../plugins/ui-cli/run-cli.ts';

const ALL = STEERING.map(([, text]) => text).join(' ');

describe('S15: text that', () => {
  test.each(STEERING)('%s loses that effect', (_what, text, left) => {
    expect([
      printable(text),
      steers(printable(text)),
      JSON.parse(printableJson(JSON.stringify({ text }))),
      steers(printableJson(JSON.stringify({ text }))),
    ]).toEqual([left, false, { text }, false]);
  });

  test.each(['plain', 'two\nlines\tand a tab', 'é 日本 한국어 👩‍💻 ⚠️ عربى עברית', '–…“”→✓'])(
    'is harmless, as %j, is unchanged',
    text => {
      expect([printable(text), printableJson(JSON.stringify(text))]).toEqual([text, JSON.stringify(text)]);
    },
  );

  test('we styled keeps our styles and loses all others, also those that look like ours', () => {
    const looksLikeOurs = '\x1b[31mred\x1b[39m \x1b[1111;2222;3333;4444;31mred';
    expect([shown(`${coloured('green', 'good')} ${looksLikeOurs}`), shown(coloured('green', looksLikeOurs))]).toEqual([
      '\x1b[32mgood\x1b[39m red red',
      '\x1b[32mred red\x1b[39m',
    ]);
  });
});

/** A kernel with control characters in every answer. */
function hostile(): FakeKernel {
  const notice: Notice = {
    id: ALL,
    session: ALL,
    level: 'warning',
    code: 'login-ends-soon',
    title: ALL,
    body: ALL,
    action: ALL,
    raisedAt: NOW,
  };
  const bad = session(
    `bad ${ALL}`,
    { name: 'halted', why: 'login-required', hint: ALL, failures: 0 },
    { displayName: ALL, provider: ALL, method: ALL },
  );
  const waiting = session(
    `wait ${ALL}`,
    { name: 'alive', wakeAt: NOW, wakeWhy: ALL },
    { displayName: ALL, nextAttemptAt: NOW, nextAttemptWhy: ALL },
  );
  const answers: Answers = {
    'kernel/info': () => ({ ...INFO, configFile: ALL, home: ALL }),
    'session/get': () => bad,
    'session/look': () => bad,
    'session/refresh': () => bad,
    'session/explain': () => ({ id: ALL, text: ALL, facts: { [ALL]: ALL } }),
    'session/plan': () => [{ id: ALL, at: NOW, why: ALL }],
    'session/history': () => [
      {
        id: ALL,
        startedAt: NOW,
        endedAt: NOW,
        reason: 'manual',
        method: ALL,
        outcome: 'failed',
        failures: 1,
        code: ALL,
        message: ALL,
      },
    ],
    'plugin/list': () => [
      { id: ALL, kind: 'provider', module: ALL, status: 'failed', loadMs: 1, error: { code: ALL, message: ALL } },
    ],
    'notice/list': () => [notice, { ...notice, code: 'port-taken' }],
    'config/show': () => ({
      file: ALL,
      plugins: [ALL],
      values: [{ session: ALL, key: ALL, value: ALL, origin: 'config' }],
    }),
    'doctor/run': () => [{ level: 'error', subject: ALL, message: ALL, action: ALL }],
    'page/open': () => ({ url: `http://127.0.0.1:4711/open/${ALL}` }),
    'kernel/stop': () => Promise.reject(new Error(ALL)),
  };
  return new FakeKernel([bad, waiting], answers);
}

/** A session with a valid id and one with an invalid id. */
const statesOf = (state: object) =>
  JSON.stringify({ version: 1, sessions: { x: { state }, [ALL]: { state } }, notices: [] });

const REDRAWN = new RegExp(`${ESCAPE}\\[\\d+A\\r${ESCAPE}\\[J`, 'g');

const COMMANDS = [
  'status',
  'status x',
  'explain x',
  'history',
  'plan',
  'doctor',
  'refresh x',
  'pause x',
  'resume x',
  'config show',
  'config path',
  'plugin list',
  'check',
  'start',
  'stop',
  'ui --print',
  'set x retries=1',
  'status ALL',
  'nothing-such-ALL',
  '--no-such-ALL',
  'logs',
  'prompt',
];

describe('S15: control characters in the answers of a daemon do not reach the terminal', () => {
  test.each(COMMANDS)('with %j', async command => {
    const home = temporaryFolder();
    writeFileSync(
      join(home, 'keepalived.log'),
      `${JSON.stringify({ level: 'warn', time: new Date(NOW).toISOString(), msg: ALL, plugin: ALL, [ALL]: ALL })}\n`,
    );
    writeFileSync(join(home, 'states.json'), statesOf({ name: 'waiting', why: 'backoff', wakeAt: NOW }));
    for (const more of [[], ['--json']]) {
      const argv = [...command.split(' ').map(word => word.replace('ALL', ALL)), ...more];
      const { out, err } = await keepalive(argv, {
        daemon: hostile(),
        terminal: { columns: 80 },
        env: { KEEPALIVE_HOME: home },
      });
      // The sequences that redraw the screen are ours.
      expect([
        command,
        steers(out.replaceAll(REDRAWN, '')),
        steers(err),
        (out + err).length > 0 || command === 'logs',
      ]).toEqual([command, false, false, true]);
    }
  });

  test('control: without the filter they do', async () => {
    const { text } = await hostile().client().request('session/explain', { id: 'x' });
    expect(steers(text)).toBe(true);
  });

  test('a tray menu has none of them', () => {
    const sessions = [
      session(
        'x',
        { name: 'halted', why: 'login-required', hint: ALL, failures: 0 },
        { displayName: `${ALL}\nsecond line` },
      ),
    ];
    const notices: Notice[] = [
      { id: 'x', session: 'other', level: 'error', code: 'failing', title: `${ALL}\n`, body: ALL, raisedAt: NOW },
    ];
    const plugins: PluginInfo[] = [
      { id: ALL, kind: 'unknown', module: ALL, status: 'failed', loadMs: 0, error: { code: 'x', message: ALL } },
    ];
    const tools: Tool[] = [
      { plugin: 'x', displayName: ALL, status: 'signed-out', places: [ALL], sessions: [], action: ALL },
    ];
    const notifiers: NotifierInfo[] = [{ id: ALL, place: ALL, status: 'unavailable', reason: ALL }];
    const labels = JSON.stringify(
      trayModel({ sessions, notices, plugins, tools, notifiers, hasPage: true }, NOW, ALL),
      (_key, value: unknown) => value,
    );
    expect([labels.includes('\\u001b'), labels.includes('\\n'), steers(labels)]).toEqual([false, false, false]);
  });
});

describe('S15: the output of real programs', () => {
  const plugin = `export default () => ({
    kind: 'provider',
    id: 'mine',
    displayName: ${JSON.stringify(ALL)},
    refresh: async () => { throw new Error(${JSON.stringify(ALL)}); },
  });`;

  test('has none from a plugin, a state file or a configuration', async () => {
    const home = temporaryHome({ 'keepalive.config.json': '{"plugins":["./mine.mjs"]}', 'mine.mjs': plugin });
    const { client } = await startDaemon(home);
    await client.request('session/refresh', { id: 'mine', force: true }).catch(() => undefined);
    const refused = temporaryHome({ 'keepalive.config.json': JSON.stringify({ [ALL]: ALL, plugins: [7] }) });
    const states = temporaryHome({ 'states.json': statesOf({ name: 'alive', wakeAt: 0 }) });
    const outputs = await Promise.all([
      run(KEEPALIVE, ['status'], home),
      run(KEEPALIVE, ['explain', 'mine'], home),
      run(KEEPALIVE, ['history'], home),
      run(KEEPALIVE, ['logs'], home),
      run(KEEPALIVE, ['start'], refused),
      run(KEEPALIVE, ['check'], refused),
      run(KEEPALIVED, [], refused),
      run(KEEPALIVE, ['prompt', '--format', '{ids}'], states),
    ]);
    expect(outputs.map(({ stdout, stderr }) => [steers(stdout), steers(stderr), (stdout + stderr).length > 0])).toEqual(
      outputs.map(() => [false, false, true]),
    );
    for (const notice of await client.request('notice/list')) expect(steers(notice.title + notice.body)).toBe(false);
  });
});
