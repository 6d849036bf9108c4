import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Notice } from '../../sdk/contract/session.ts';
import { KEEPALIVE, run, startDaemon, temporaryHome, untilSession } from '../support/daemon/daemon.ts';

const GOOD = '{"plugins":["practice"]}';
const CONFIG = { 'keepalive.config.json': GOOD };
const statesIn = (home: string) => JSON.parse(readFileSync(join(home, 'states.json'), 'utf8'));

test.concurrent.each(['SIGTERM', 'SIGINT'] as const)('a stop by %s is marked in the state file', async signal => {
  const home = temporaryHome(CONFIG);
  const first = await startDaemon(home);
  await untilSession(first, 'practice', ({ state }) => state.name === 'alive');
  expect(statesIn(home)).not.toHaveProperty('stoppedAt');
  first.child.kill(signal);
  await first.done;
  const { stoppedAt } = statesIn(home);
  expect(Date.now() - stoppedAt).toBeLessThan(60_000);
  await run(KEEPALIVE, ['check', '--refresh'], home);
  expect(statesIn(home)).toMatchObject({ stoppedAt });
  const second = await startDaemon(home);
  expect(statesIn(home)).not.toHaveProperty('stoppedAt');
  second.child.kill('SIGKILL');
  await second.done;
  expect(statesIn(home)).not.toHaveProperty('stoppedAt');
});

test.concurrent('a configuration that is refused later raises a notice, and a good one clears it', async () => {
  const home = temporaryHome(CONFIG);
  const file = join(home, 'keepalive.config.json');
  const { client } = await startDaemon(home);
  const next = (method: 'notice/didRaise' | 'notice/didClear') =>
    new Promise<Notice>(resolve => {
      client.on(method, notice => notice.code === 'config-refused' && resolve(notice));
    });
  const raised = next('notice/didRaise');
  writeFileSync(file, '{"plugins":["practice"],"nonsense":1}');
  expect(await raised).toMatchObject({ level: 'error', body: expect.stringContaining(`${file}: `) });
  expect(await client.request('kernel/info')).toMatchObject({ configProblem: expect.stringContaining('nonsense') });
  expect(await client.request('doctor/run')).toContainEqual({
    level: 'error',
    subject: 'config',
    message: expect.stringContaining('nonsense'),
    action: 'The last valid one stays in force; the next start refuses it.',
  });
  const logged = await run(KEEPALIVE, ['logs'], home);
  expect(logged.stdout).toMatch(/the changed configuration is refused.*problem="nonsense" is not known/);
  expect(await client.request('session/list')).toHaveLength(1);
  const cleared = next('notice/didClear');
  writeFileSync(file, GOOD);
  await cleared;
  expect(await client.request('kernel/info')).not.toHaveProperty('configProblem');
  const gone = next('notice/didRaise');
  rmSync(file);
  expect(await gone).toMatchObject({ title: 'The configuration file is gone' });
});
