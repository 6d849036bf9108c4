import 'reflect-metadata';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { openSettings } from '../../../state/settings.ts';
import { silentLog } from '../../../runtime/log/log.ts';
import { defineNotifier, type NotifierPlugin } from '../../../sdk/plugin/notifier.ts';
import { describeNotifiers } from '../../../sdk/wording/notifiers.ts';
import { notice } from '../../support/notice.ts';
import { makeNotifiers } from '../../support/notifiers.ts';
import { temporaryFolder } from '../../support/real-context.ts';

let file: string;
beforeEach(async () => {
  file = join(await temporaryFolder(), 'settings.json');
});

/** Notifiers with this file of settings, and the warnings in the log. */
async function notifiersOf(...plugins: readonly NotifierPlugin[]) {
  const warnings: unknown[] = [];
  const log = Object.assign(silentLog(), { warn: (...args: readonly unknown[]) => void warnings.push(args) });
  const notifiers = makeNotifiers({ settings: await openSettings(file, log), log });
  notifiers.replace(plugins, { missed: [], isActive: () => true, more: false });
  return { notifiers, warnings };
}

/** A notifier that records what it gets, and fails while `trouble` is set. */
function recorder(id: string, others: Partial<NotifierPlugin> = {}) {
  const heard: string[] = [];
  const state: { trouble?: string } = {};
  const plugin = defineNotifier({
    id,
    async raise({ id: raised }) {
      if (state.trouble !== undefined) throw new Error(state.trouble);
      heard.push(`raise ${raised}`);
    },
    async clear({ id: cleared }) {
      heard.push(`clear ${cleared}`);
    },
    ...others,
  });
  return { heard, state, plugin };
}

test('a test notice goes to every notifier that is on, and each answers for itself', async () => {
  const [good, bad] = [recorder('good'), recorder('bad')];
  bad.state.trouble = 'The webhook answered 500.';
  const { notifiers } = await notifiersOf(good.plugin, bad.plugin);
  expect(await notifiers.test()).toEqual([
    { id: 'good', delivered: true },
    { id: 'bad', delivered: false, reason: 'The webhook answered 500.' },
  ]);
  expect(good.heard).toEqual(['raise keepalive:test']);
});

describe('a notifier that is switched off', () => {
  test('gets no notice, also after a restart, but still withdraws what it has shown', async () => {
    const { heard, plugin } = recorder('desk');
    const { notifiers } = await notifiersOf(plugin);
    notifiers.raise(notice({ id: 'first' }));
    expect(await notifiers.configure('desk', false)).toMatchObject({ id: 'desk', status: 'off' });
    notifiers.raise(notice({ id: 'second' }));
    notifiers.clear(notice({ id: 'first' }));
    await expect.poll(() => heard).toEqual(['raise first', 'clear first']);
    const { notifiers: next } = await notifiersOf(plugin);
    expect(await next.list()).toMatchObject([{ id: 'desk', status: 'off' }]);
    expect(await next.test()).toEqual([]);
  });

  test('can be switched on again, and the file then has no trace of it', async () => {
    const { plugin } = recorder('desk', { place: 'on this desktop' });
    const { notifiers } = await notifiersOf(plugin);
    await notifiers.configure('desk', false);
    expect(await notifiers.configure('desk', true)).toEqual({ id: 'desk', place: 'on this desktop', status: 'on' });
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ version: 1, sessions: {} });
  });

  test('must exist: an unknown id is an error that lists the known ones', async () => {
    const { notifiers } = await notifiersOf(recorder('desk').plugin);
    await expect(notifiers.configure('dsek', false)).rejects.toMatchObject({
      code: 'KA_NOTIFIER_NOT_FOUND',
      details: { id: 'dsek', known: ['desk'] },
    });
  });
});

test.each<[string, NonNullable<NotifierPlugin['unavailable']>, string]>([
  ['says why', async () => 'No desktop was found.', 'No desktop was found.'],
  ['throws', () => Promise.reject(new Error('The bus is gone.')), 'The bus is gone.'],
])('a notifier that %s is unavailable', async (_how, unavailable, reason) => {
  const { notifiers } = await notifiersOf(recorder('desk', { unavailable }).plugin);
  expect(await notifiers.list()).toEqual([
    { id: 'desk', place: 'through the plugin desk', status: 'unavailable', reason },
  ]);
});

test('repeated failures are logged once, and again after a success', async () => {
  const { heard, state, plugin } = recorder('desk');
  const { notifiers, warnings } = await notifiersOf(plugin);
  state.trouble = 'There is no desktop.';
  for (const id of ['a', 'b', 'c']) notifiers.raise(notice({ id }));
  await expect.poll(() => warnings.length).toBe(1);
  delete state.trouble;
  notifiers.raise(notice({ id: 'd' }));
  await expect.poll(() => heard).toEqual(['raise d']);
  expect(warnings).toHaveLength(1);
  state.trouble = 'It is gone again.';
  notifiers.raise(notice({ id: 'e' }));
  await expect.poll(() => warnings.length).toBe(2);
});

test.each([
  [[], 'Notices go nowhere, because no notifier is configured.'],
  [[{ id: 'a', place: 'on this desktop', status: 'on' as const }], 'Notices appear on this desktop.'],
  [
    [
      { id: 'a', place: 'on this desktop', status: 'on' as const },
      { id: 'b', place: 'through the plugin b', status: 'on' as const },
      { id: 'c', place: 'there', status: 'off' as const },
    ],
    'Notices appear on this desktop and through the plugin b.',
  ],
  [
    [{ id: 'a', place: 'on this desktop', status: 'unavailable' as const, reason: 'No desktop was found.' }],
    'Notices go nowhere: no desktop was found.',
  ],
  [
    [{ id: 'a', place: 'on this desktop', status: 'off' as const }],
    'Notices go nowhere: a is switched off (`keepalive notify on a`).',
  ],
])('one sentence says where notices go: %#', (notifiers, text) => {
  expect(describeNotifiers(notifiers)).toBe(text);
});
