import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Assembly } from '../../../kernel/start/assembly.ts';
import { reload, watchConfig } from '../../../kernel/start/reload.ts';
import { Events } from '../../../kernel/wiring/tokens.ts';
import { findConfig } from '../../../config/find.ts';
import { KeepaliveError } from '../../../sdk/contract/errors.ts';
import type { Draft } from '../../../lifecycle/notice-rules.ts';
import { Scrubber } from '../../../runtime/log/redact.ts';
import { locateHome } from '../../../sdk/system/home.ts';
import { onTestFinished } from '../../support/running-test.ts';
import { temporaryFolder } from '../../support/real-context.ts';

let folder: string;
let file: string;
let happened: string[];
let lines: string[];

beforeEach(async () => {
  folder = await temporaryFolder();
  file = join(folder, 'keepalive.config.json');
  happened = [];
  lines = [];
});

const write = (config: unknown) => writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
const logTo = () => pino({ level: 'info' }, { write: line => void lines.push(line) });

/** The parts of a kernel that a reload uses. `load` may refuse the plugins. */
async function kernel(load: () => Promise<void> = async () => undefined) {
  const home = locateHome({ KEEPALIVE_HOME: folder });
  const events = new Events();
  events.on('reloaded', name => void happened.push(`reloaded ${name}`));
  const assembly = {
    start: { home, version: '0', env: {} },
    settings: { added: [] },
    config: { current: await findConfig(home, undefined) },
    events,
    log: logTo(),
    plugins: {
      load: () => load().then(() => void happened.push('plugins loaded')),
      readied: async () => void happened.push('plugins readied'),
    },
    scrubber: new Scrubber(),
    notices: {
      put: ({ title, body }: Draft) => void happened.push(`notice: ${title}. ${body.replaceAll(folder, '')}`),
      clear: (code: string) => void happened.push(`clear ${code}`),
      sessionsDropped: (ids: readonly string[]) => void happened.push(`dropped ${ids.join()}`),
    },
    fleet: { configure: async () => undefined, follow: async () => undefined },
    fleetTools: { check: async () => undefined },
    sessions: { ids: ['codex'], reconfigure: () => void happened.push('sessions reconfigured') },
  } as unknown as Assembly;
  return { assembly, reload: () => reload(assembly, async () => void happened.push('followed')) };
}

describe('a reload', () => {
  test('applies the changed configuration: first plugins, then sessions, and clients last', async () => {
    write({ plugins: ['practice'], logLevel: 'info' });
    const { assembly, reload: again } = await kernel();
    write({ plugins: ['practice'], logLevel: 'warn', concurrency: 7 });
    await again();
    expect(assembly.config.current).toMatchObject({ concurrency: 7, logLevel: 'warn' });
    expect(assembly.log.level).toBe('warn');
    expect(happened).toEqual([
      'plugins loaded',
      'clear config-refused',
      'followed',
      'sessions reconfigured',
      'plugins readied',
      'followed',
      'dropped ',
      `reloaded ${file}`,
    ]);
  });

  const invalid = new KeepaliveError('KA_CONFIG_INVALID', {
    problems: [{ path: 'plugins[0].file', message: 'Expected a path, found "s3cret".' }],
  });
  test.each<[string, () => void, Error | undefined, string]>([
    [
      'a value that is refused',
      () => write({ plugins: ['practice'], concurrency: 'many' }),
      undefined,
      'concurrency: expected a number',
    ],
    [
      'more than one problem',
      () => write({ plugins: ['practice'], concurrency: 'many', logLevel: 'x' }),
      undefined,
      ' (and 1 more)',
    ],
    ['a file that cannot be parsed', () => writeFileSync(file, '{"plugins": ["s3cret'), undefined, 'JSON'],
    [
      'plugins that refuse their options',
      () => write({ plugins: ['x'] }),
      invalid,
      'plugins[0].file: Expected a path.',
    ],
    [
      'a member that is not known',
      () => write({ plugins: ['x'], polcy: {} }),
      undefined,
      'Did you mean "policy"? The last valid one',
    ],
    ['a plugin that throws', () => write({ plugins: ['x'] }), new Error('odd'), 'odd.'],
    ['a file that others can change', () => chmodSync(file, 0o666), undefined, '.json: can be written by every user'],
    ['a file that is gone', () => rmSync(file), undefined, 'The file is gone. What it said stays in force until'],
  ])('%s leaves the last good configuration in use, and a notice says so', async (_what, change, refusal, problem) => {
    write({ plugins: ['practice'], concurrency: 2 });
    const { assembly, reload: again } = await kernel(() => (refusal ? Promise.reject(refusal) : Promise.resolve()));
    const before = assembly.config.current;
    change();
    await expect(again()).rejects.toBeInstanceOf(Error);
    expect(assembly.config.current).toBe(before);
    expect(happened).toEqual([expect.stringContaining('/keepalive.config.json: ')]);
    expect(happened[0]).toContain(problem);
    expect(happened[0]).not.toMatch(/s3cret|found|\.\.|\n/);
    expect(assembly.config.refusal).toMatchObject({ file });
  });

  test('a good configuration ends a refusal', async () => {
    write({ plugins: ['practice'] });
    const { assembly, reload: again } = await kernel();
    write({ plugins: 7 });
    await expect(again()).rejects.toBeInstanceOf(Error);
    write({ plugins: [] });
    await again();
    expect(assembly.config.refusal).toBeUndefined();
    expect(happened).toContain('clear config-refused');
  });
});

describe('a watched configuration file', () => {
  test('several quick writes are one change, and there are none after the stop', async () => {
    write({ plugins: [] });
    let changes = 0;
    const stop = watchConfig(file, async () => void (changes += 1), logTo());
    for (const concurrency of [1, 2, 3]) write({ plugins: [], concurrency });
    await expect.poll(() => changes).toBe(1);
    await stop();
    write({ plugins: [], concurrency: 4 });
    rmSync(file);
    expect(changes).toBe(1);
  });

  test('a file that is removed is a change', async () => {
    write({ plugins: [] });
    let changes = 0;
    const stop = watchConfig(file, async () => void (changes += 1), logTo());
    onTestFinished(async () => void (await stop()));
    rmSync(file);
    await expect.poll(() => changes).toBe(1);
  });

  test('a refused change is logged, and the next change is still noticed', async () => {
    write({ plugins: [] });
    let changes = 0;
    const stop = watchConfig(
      file,
      () => ((changes += 1) === 1 ? Promise.reject(new Error('bad')) : Promise.resolve()),
      logTo(),
    );
    onTestFinished(async () => void (await stop()));
    write({ plugins: [], concurrency: 1 });
    await expect.poll(() => lines.filter(line => line.includes('the last good one stays in use'))).toHaveLength(1);
    write({ plugins: [], concurrency: 2 });
    await expect.poll(() => changes).toBe(2);
  });
});
