import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Assembly } from '../../../kernel/start/assembly.ts';
import { reload, watchConfig } from '../../../kernel/start/reload.ts';
import { Events } from '../../../kernel/wiring/tokens.ts';
import { findConfig } from '../../../config/find.ts';
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
      'followed',
      'sessions reconfigured',
      'plugins readied',
      'followed',
      `reloaded ${file}`,
    ]);
  });

  test.each([
    ['a configuration that is refused', { plugins: ['practice'], concurrency: 'many' }, undefined],
    ['plugins that refuse their options', { plugins: ['practice'], concurrency: 7 }, new Error('refused')],
  ])('%s leaves the last good configuration in use', async (_what, next, refusal) => {
    write({ plugins: ['practice'], concurrency: 2 });
    const { assembly, reload: again } = await kernel(() => (refusal ? Promise.reject(refusal) : Promise.resolve()));
    const before = assembly.config.current;
    write(next);
    await expect(again()).rejects.toBeInstanceOf(Error);
    expect(assembly.config.current).toBe(before);
    expect(happened).toEqual([]);
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
