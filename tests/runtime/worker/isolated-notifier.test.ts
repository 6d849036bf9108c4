import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fakeContext } from '../../../sdk/testing/index.ts';
import { isolated } from '../../support/daemon/isolated-plugin.ts';
import { notice } from '../../support/notice.ts';

test('an isolated notifier returns receipts, gets them back, and gets several notices at once', async () => {
  const { plugin, folder } = await isolated(`
    import { appendFileSync } from 'node:fs';
    const note = (...facts) => appendFileSync(new URL('heard', import.meta.url), facts.join(' ') + '\\n');
    export default () => ({
      kind: 'notifier',
      id: 'mine',
      raise: async ({ id }) => (note('raise', id), 'one'),
      raiseMany: async notices => (note('raise', ...notices.map(({ id }) => id)), { ts: 'not a receipt' }),
      clear: async ({ id }, _context, receipt) => note('clear', id, receipt),
    });`);
  if (plugin.kind !== 'notifier') throw new Error('It is no notifier.');
  const context = fakeContext();
  expect(await plugin.raise(notice({ id: 'a' }), context)).toBe('one');
  expect(await plugin.raiseMany?.([notice({ id: 'b' }), notice({ id: 'c' })], context)).toBeUndefined();
  await plugin.clear?.(notice({ id: 'a' }), context, 'one');
  await plugin.clear?.(notice({ id: 'b' }), context);
  expect(await readFile(join(folder, 'heard'), 'utf8')).toBe('raise a\nraise b c\nclear a one\nclear b \n');
});

test('an isolated notifier that delivers single notices has no other verbs', async () => {
  const { plugin } = await isolated(`export default () => ({ kind: 'notifier', id: 'mine', raise: async () => {} });`);
  expect(plugin).not.toHaveProperty('unavailable');
  expect(plugin).not.toHaveProperty('raiseMany');
  expect(plugin).not.toHaveProperty('clear');
});

test.each([
  ["async () => 'The phone is switched off.'", 'The phone is switched off.'],
  ['async () => undefined', undefined],
])('an isolated notifier says where notices appear, and whether it can deliver: %s', async (unavailable, reason) => {
  const { plugin } = await isolated(`export default () => ({
    kind: 'notifier', id: 'mine', place: 'on your phone', unavailable: ${unavailable}, raise: async () => {},
  });`);
  if (plugin.kind !== 'notifier') throw new Error('It is no notifier.');
  expect(plugin.place).toBe('on your phone');
  expect(await plugin.unavailable?.(fakeContext())).toBe(reason);
});

test('an isolated notifier that returns no text as its reason does not conform', async () => {
  const { plugin } = await isolated(
    `export default () => ({
      kind: 'notifier', id: 'mine', unavailable: async () => ({ no: 1 }), raise: async () => {},
    });`,
  );
  if (plugin.kind !== 'notifier') throw new Error('It is no notifier.');
  await expect(plugin.unavailable?.(fakeContext())).rejects.toMatchObject({ code: 'KA_PLUGIN_INVALID' });
});
