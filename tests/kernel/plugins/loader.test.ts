import { describe, expect, test } from 'vitest';
import { keyOf, loadEntry, nameOf, optionsOf } from '../../../kernel/plugins/loader.ts';
import { Patience } from '../../../kernel/plugins/patience.ts';
import { failed, refusals, slotFor, slotsFor } from '../../../kernel/plugins/slot.ts';
import type { Isolate } from '../../../runtime/worker/isolated-plugin.ts';
import type { PluginEntry } from '../../../sdk/plugin/config.ts';
import { KeepaliveError } from '../../../sdk/contract/errors.ts';
import { defineNotifier } from '../../../sdk/plugin/notifier.ts';
import { notIsolated } from '../../support/daemon/not-isolated.ts';

const inline = defineNotifier({ id: 'mine', raise: async () => undefined });
const origin = { base: '/nowhere/keepalive.config.json', stateDir: '/nowhere' };

describe('an entry of the configuration', () => {
  test.each<[string, PluginEntry, string, object]>([
    ['a name', 'claude', 'claude', {}],
    ['a name with options', ['claude', { id: 'work' }], 'claude', { id: 'work' }],
    ['a plugin object', inline, '(inline)', {}],
  ])('%s', (_what, entry, name, options) => {
    expect([nameOf(entry), optionsOf(entry)]).toEqual([name, options]);
  });

  test('keeps its plugin in a reload if its name and options are equal, or if it is the same object', () => {
    expect(keyOf(['./mine.ts', { a: 1 }])).toBe(keyOf(['./mine.ts', { a: 1 }]));
    expect(keyOf(['./mine.ts', { a: 1 }])).not.toBe(keyOf(['./mine.ts', { a: 2 }]));
    expect([keyOf(inline), keyOf(['./mine.ts', { f: () => 1 }])]).toEqual([undefined, undefined]);
    const wanted = (entry: PluginEntry) => ({ entry });
    const former = [slotFor(wanted('claude')), slotFor(wanted(['codex', { id: 'a' }])), slotFor(wanted(inline))];
    const slots = slotsFor([['codex', { id: 'a' }] as const, 'claude', inline].map(wanted), undefined, former);
    expect(slots.map(slot => former.indexOf(slot))).toEqual([1, 0, 2]);
  });
});

describe('where a plugin is loaded', () => {
  const isolate: Isolate = async ({ name }) => ({
    plugin: defineNotifier({ id: `isolated:${name}`, raise: async () => undefined }),
    dispose: () => undefined,
  });
  test.each<[string, PluginEntry, { id: string; isolated: boolean }]>([
    ['a built-in in this process', ['notify-command', { run: ['true'] }], { id: 'notify-command', isolated: false }],
    [
      'a built-in in its own process, if the configuration says so',
      ['notify-command', { run: ['true'] }, { isolated: true }],
      { id: 'isolated:notify-command', isolated: true },
    ],
    ['another plugin in its own process', './mine.ts', { id: 'isolated:./mine.ts', isolated: true }],
    ['a plugin object in this process', inline, { id: 'mine', isolated: false }],
  ])('%s', async (_where, entry, expected) => {
    const { info, module } = await loadEntry(entry, origin, isolate);
    expect(info).toMatchObject({ ...expected, module, kind: 'notifier', status: 'loaded' });
  });

  test('another plugin in this process, if the configuration says so: a missing file has its own error', async () => {
    const loading = loadEntry(['./mine.ts', {}, { isolated: false }], origin, notIsolated);
    await expect(loading).rejects.toMatchObject({ code: 'KA_PLUGIN_NOT_FOUND', details: { module: './mine.ts' } });
  });

  test('an error of any other kind names the plugin and keeps its cause', async () => {
    const cause = new Error('no fork');
    const loading = loadEntry('./mine.ts', origin, () => Promise.reject(cause));
    await expect(loading).rejects.toMatchObject({ code: 'KA_PLUGIN_FAILED', details: { plugin: './mine.ts' }, cause });
  });

  test('options that a built-in refuses are problems of the configuration, with their path', async () => {
    const entry: PluginEntry = ['command', { id: 'x', nonsense: 1 }];
    const error: unknown = await loadEntry(entry, origin, notIsolated).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'KA_CONFIG_INVALID' });
    const slots = [
      slotFor({ entry: 'claude', at: 0 }),
      { ...slotFor({ entry, at: 1 }), result: failed('command', error) },
    ];
    expect(refusals(slots).map(({ path }) => path)).toContainEqual(expect.stringMatching(/^plugins\[1\]\[1\]/));
    expect(refusals([{ ...slotFor({ entry: './mine.ts', at: 0 }), result: failed('./mine.ts', error) }])).toEqual([]);
  });
});

test('a plugin that failed to load is listed with its code and the message of the cause', () => {
  const error = new KeepaliveError('KA_PLUGIN_FAILED', {}, new Error('no fork'));
  expect(failed('./mine.ts', error).info).toEqual({
    id: './mine.ts',
    kind: 'unknown',
    module: './mine.ts',
    status: 'failed',
    loadMs: 0,
    error: { code: 'KA_PLUGIN_FAILED', message: 'The plugin threw an error: no fork.' },
  });
});

test('waiting for plugins ends when the last one is done', async () => {
  let left = 3;
  const patience = new Patience({
    get isLoading() {
      return left > 0;
    },
    nextDone: async () => void (left -= 1),
  });
  await patience.settled();
  expect(left).toBe(0);
  left = 2;
  await patience.readied();
  expect(left).toBe(0);
});
