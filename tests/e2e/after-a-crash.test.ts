import { expect, test } from 'vitest';
import { KEEPALIVE, namedPlugins, run, startDaemon, temporaryHome } from '../support/daemon/daemon.ts';

const HOUR = 3_600_000;
const CONFIG = { 'keepalive.config.json': '{"plugins":["practice"]}' };

test('an attempt without a daemon is dated by its own start, also if a crash left an older one running', async () => {
  const begun = Date.now() - HOUR;
  const state = { name: 'refreshing', since: begun, failures: 0, tries: 1 };
  const record = { displayName: 'Practice', state, lastAttemptAt: begun };
  const states = JSON.stringify({ version: 1, sessions: { practice: record }, notices: [] });
  const home = temporaryHome({ ...CONFIG, 'states.json': states });
  const { code, stdout } = await run(KEEPALIVE, ['check', '--refresh', '--json'], home);
  const [session] = JSON.parse(stdout);
  expect({ code, state: session.state.name }).toEqual({ code: 0, state: 'alive' });
  expect(session.lastAttempt.startedAt).toBeGreaterThan(begun + HOUR / 2);
});

test('--demo adds no second practice session to a configuration that names one', async () => {
  const { client } = await startDaemon(temporaryHome(CONFIG), { args: ['--demo'] });
  const plugins = await namedPlugins({ client });
  expect(plugins.map(({ module, status }) => [module, status])).toEqual([['practice', 'loaded']]);
});
