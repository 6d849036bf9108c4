import 'reflect-metadata';
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FleetTools } from '../../../kernel/fleet/tools.ts';
import { silentLog } from '../../../runtime/log/log.ts';
import { Scrubber } from '../../../runtime/log/redact.ts';
import type { FleetPlugin } from '../../../sdk/plugin/fleet.ts';
import { locateHome } from '../../../sdk/system/home.ts';
import { temporaryFolder } from '../../support/real-context.ts';

const plugin: FleetPlugin = {
  kind: 'fleet',
  id: 'any',
  machine: 'laptop',
  accept: [],
  open: () => {
    throw new Error('not opened here');
  },
};

const toolsIn = (folder: string): FleetTools => {
  const home = locateHome({ KEEPALIVE_HOME: folder });
  return new FleetTools({ home, version: '0', startedAt: 0, env: {}, armed: true }, silentLog(), new Scrubber());
};

test('an installation stays the same when the daemon starts again', async () => {
  const folder = await temporaryFolder();
  const instances = new Set<string>();
  for (let start = 0; start < 4; start += 1) instances.add((await toolsIn(folder).context(plugin)).instance);
  expect(instances.size).toBe(1);
  expect(readdirSync(folder)).toEqual(['fleet.json']);
});

test('a mistake in the options is named as the configuration names it', async () => {
  const tools = toolsIn(await temporaryFolder());
  const wrong = { machine: 'my laptop', keyFile: '/key', urlFile: '/url' };
  await expect(tools.check(['postgres', wrong])).rejects.toMatchObject({
    code: 'KA_CONFIG_INVALID',
    details: { problems: [{ path: 'fleet.machine', message: 'Give letters, digits, dots and dashes.' }] },
  });
  await expect(tools.check(['nothing', {}])).rejects.toMatchObject({ code: 'KA_PLUGIN_NOT_FOUND' });
  await tools.check(['postgres', { ...wrong, machine: 'laptop' }]);
  await tools.check(undefined);
});
