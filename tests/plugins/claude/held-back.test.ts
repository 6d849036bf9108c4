import { expect, test } from 'vitest';
import claude, { type ClaudeOptions } from '../../../plugins/claude/index.ts';
import type { Release } from '../../../sdk/vendors/releases.ts';
import { ENDING, EXPIRED, login, machine, renewing, touches } from '../../support/vendors/claude-machine.ts';
import { releaseRow } from '../../support/vendors/release-row.ts';
import { noWait } from '../../support/vendors/token-file.ts';

const row = (release: string, verdict: Release['verdict'], kind = 'mcp'): Release =>
  releaseRow(release, verdict, {
    program: 'claude',
    kind,
    ...(verdict === 'held-back' && { reason: '503: the login was lost' }),
  });
const releases = [row('2.1.332', 'proven'), row('2.1.400', 'held-back'), row('2.1.400', 'proven', 'status')];
const provider = (options: ClaudeOptions = {}) => claude(options, { wait: noWait, platform: 'linux', releases });

test.each(['2.1.400', '2.1.401'])('claude %s is only watched, also if it is forced, and says why', async version => {
  const context = machine(login(EXPIRED), renewing, { version });
  expect(await provider().refresh({ ...context, force: true })).toMatchObject({
    status: 'deferred',
    method: 'observe',
    reason: expect.stringContaining(`claude ${version} did not pass the tests of its releases`),
  });
  expect(touches(context)).toEqual([]);
  expect(context.calls.log).toMatchObject([{ level: 'warn', fields: { verdict: 'held-back', version } }]);
});

test('while its token is good, the session of a release that is held back is fresh', async () => {
  const context = machine(login(ENDING), renewing, { version: '2.1.400' });
  expect(await provider().refresh(context)).toMatchObject({ status: 'fresh', method: 'observe' });
  expect(touches(context)).toEqual([]);
});

test.each<[string, string, ClaudeOptions]>([
  ['asked in another way, which is proven,', '2.1.400', { touch: 'status' }],
  ['older and proven', '2.1.332', {}],
])('a release that is %s renews its login', async (_name, version, options) => {
  const context = machine(login(EXPIRED), renewing, { version });
  expect(await provider(options).refresh(context)).toMatchObject({ status: 'refreshed', method: 'touch' });
});
