import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import uiTray from '../../../plugins/ui-tray/index.ts';
import type { FrontendContext } from '../../../sdk/plugin/frontend.ts';
import { fakeContext } from '../../../sdk/testing/index.ts';
import { temporaryHome } from '../../support/daemon/daemon.ts';

/** Starts the plugin with a stand-in for the tray. Each start adds a line to `starts`. */
async function startedWith(program: string) {
  const home = temporaryHome({
    'main.mjs': `
      import { appendFileSync } from 'node:fs';
      appendFileSync(new URL('starts', import.meta.url), process.argv[2] + '\\n');
      ${program}`,
    starts: '',
  });
  const waits: number[] = [];
  const plugin = uiTray({}, { main: join(home, 'main.mjs'), wait: async ms => void waits.push(ms) });
  const context: Partial<FrontendContext> = { log: fakeContext().log };
  const cleanup = await plugin.start(context as FrontendContext);
  onTestFinished(async () => void (await cleanup?.()));
  return { waits, cleanup, starts: () => readFileSync(join(home, 'starts'), 'utf8').trim().split('\n') };
}

test('a tray that fails is restarted, after longer and longer waits', async () => {
  const { waits } = await startedWith('process.exit(3);');
  await vi.waitFor(() => expect(waits.slice(0, 3)).toEqual([1_000, 2_000, 4_000]), { timeout: 20_000 });
});

test('a tray that was quit is not restarted', async () => {
  const { waits, starts, cleanup } = await startedWith('process.exit(0);');
  await vi.waitFor(() => expect(starts()).toEqual(['--follow']), { timeout: 30_000 });
  await cleanup?.();
  expect(waits).toEqual([]);
});

test('it ends with the daemon', async () => {
  const { waits, starts, cleanup } = await startedWith(
    "process.on('disconnect', () => process.exit(1)); process.send({ shown: true });",
  );
  await vi.waitFor(() => expect(starts()).toEqual(['--follow']), { timeout: 30_000 });
  await cleanup?.();
  expect([starts(), waits]).toEqual([['--follow'], []]);
});

test('it takes no options', () => {
  expect(() => uiTray({ colour: 'red' })).toThrow(/not valid/);
});
