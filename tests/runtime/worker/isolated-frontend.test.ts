import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fakeContext } from '../../../sdk/testing/index.ts';
import type { FrontendContext } from '../../../sdk/plugin/frontend.ts';
import { startDaemon, temporaryHome } from '../../support/daemon/daemon.ts';
import { isolated } from '../../support/daemon/isolated-plugin.ts';

const SOURCE = `
  import { appendFileSync } from 'node:fs';
  const note = fact => appendFileSync(new URL('heard', import.meta.url), fact + ' ');
  export default () => ({
    kind: 'frontend',
    id: 'mine',
    start: async ({ machine }) => {
      machine.at(1_000, () => {
        note('first');
        machine.at(2_000, () => note('second'));
      });
      machine.at(3_000, () => note('cancelled'))();
      machine.at(4_000, () => note('left behind'));
      machine.at(5_000, () => { throw new Error('broken'); });
      try {
        machine.at(NaN, () => note('never'));
      } catch (error) {
        note(error.name);
      }
      return () => {
        note('stopped');
        machine.at(6_000, () => note('too late'));
      };
    },
  });`;

type Alarm = { readonly at: number; readonly call: () => void };

/** The kernel's alarms of a frontend in its own process, and what it noted. */
async function frontend() {
  const { plugin, folder } = await isolated(SOURCE);
  if (plugin.kind !== 'frontend') throw new Error('It is no frontend.');
  // It connects to a daemon, as every frontend does.
  const home = temporaryHome();
  const { client } = await startDaemon(home);
  await copyFile(join(home, 'endpoint.json'), join(folder, 'endpoint.json'));
  const alarms = new Set<Alarm>();
  const context = fakeContext();
  const at: FrontendContext['machine']['at'] = (time, call) => {
    const alarm = { at: time, call };
    alarms.add(alarm);
    return () => void alarms.delete(alarm);
  };
  const { log, signal } = context;
  const stop = await plugin.start({ client, log, signal, serve: () => () => undefined, machine: { ...context, at } });
  const times = () => [...alarms].map(alarm => alarm.at);
  const take = (time: number): Alarm => {
    const found = [...alarms].find(alarm => alarm.at === time);
    if (!found) throw new Error('There is no such alarm.');
    alarms.delete(found);
    return found;
  };
  const heard = async () => (await readFile(join(folder, 'heard'), 'utf8')).trim();
  return { stop, times, take, heard };
}

test('an alarm of an isolated frontend rings once, is cancelled, and does not outlive the frontend', async () => {
  const { stop, times, take, heard } = await frontend();
  expect(times()).toEqual([1_000, 4_000, 5_000]);
  take(5_000).call();
  const first = take(1_000);
  first.call();
  await expect.poll(times).toEqual([4_000, 2_000]);
  first.call();
  take(2_000).call();
  await expect.poll(heard).toBe('RangeError first second');
  const late = take(4_000);
  await stop?.();
  late.call();
  // It answers after whatever rang.
  await stop?.();
  expect([times(), await heard()]).toEqual([[], 'RangeError first second stopped stopped']);
});

test('an alarm that was not cancelled ends with the frontend', async () => {
  const { stop, times } = await frontend();
  expect(times()).toContain(4_000);
  await stop?.();
  expect(times()).toEqual([]);
});
