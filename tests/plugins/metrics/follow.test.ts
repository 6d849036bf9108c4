import { expect, test } from 'vitest';
import { Exposition } from '../../../plugins/metrics/exposition.ts';
import { followKernel } from '../../../plugins/metrics/follow.ts';
import type { Notice, Session } from '../../../sdk/contract/session.ts';
import { attemptOf, fakeKernel, sessionOf } from './fake-client.ts';

async function following(sessions: Session[], notices: Notice[] = []) {
  const kernel = fakeKernel(sessions, notices);
  const exposition = new Exposition('1.2.3', async () => 4);
  let changes = 0;
  await followKernel(kernel.client, exposition, () => void (changes += 1));
  /** The lines with this text that hold a value. */
  const lines = async (part: string) =>
    (await exposition.render('text')).split('\n').filter(line => !line.startsWith('#') && line.includes(part));
  return { ...kernel, lines, changes: () => changes };
}

test('a session has the state that the last notification said', async () => {
  const { lines, send } = await following([sessionOf('a')]);
  expect(await lines('state="idle"')).toEqual(['keepalive_session_state{session="a",state="idle"} 1']);
  send(
    'session/didChange',
    sessionOf('a', { state: { name: 'halted', why: 'login-required', hint: '', failures: 2 } }),
  );
  expect(await lines('session="a"')).toEqual(
    expect.arrayContaining([
      'keepalive_session_state{session="a",state="idle"} 0',
      'keepalive_session_state{session="a",state="halted"} 1',
      'keepalive_session_reason{session="a",reason="login-required"} 1',
      'keepalive_session_failures{session="a"} 2',
    ]),
  );
});

test('attempts are counted by their outcome', async () => {
  const { lines, send } = await following([sessionOf('a')]);
  expect(await lines('keepalive_attempts_total')).toEqual([]);
  send('session/didAttempt', attemptOf('a'));
  send('session/didAttempt', attemptOf('a', { outcome: 'failed' }));
  send('session/didAttempt', attemptOf('a'));
  send('session/didChange', sessionOf('a'));
  expect(await lines('keepalive_attempts_total')).toEqual([
    'keepalive_attempts_total{session="a",outcome="refreshed"} 2',
    'keepalive_attempts_total{session="a",outcome="failed"} 1',
  ]);
  expect(await lines('duration_seconds_sum')).toEqual(['keepalive_attempt_duration_seconds_sum{provider="oauth"} 6']);
});

const refreshing = sessionOf('a', {
  state: { name: 'refreshing', since: 5_500, failures: 0, tries: 0 },
  nextAttemptAt: undefined,
});

test.each([
  ['schedule', ['0.5'], '1'],
  ['wake', ['0.5'], '1'],
  ['manual', ['0'], '0'],
  ['changed', ['0'], '0'],
] as const)('an attempt with the reason %s is late by %j seconds', async (reason, [sum], count) => {
  const { lines, send } = await following([sessionOf('a')]);
  send('session/didChange', refreshing);
  send('session/didAttempt', attemptOf('a', { reason }));
  expect(await lines('lateness_seconds_sum')).toEqual([`keepalive_attempt_lateness_seconds_sum ${sum}`]);
  expect(await lines('lateness_seconds_count')).toEqual([`keepalive_attempt_lateness_seconds_count ${count}`]);
});

test('an attempt that begins before its time, after the clock was set back, is not late', async () => {
  const { lines, send } = await following([sessionOf('a')]);
  send('session/didAttempt', attemptOf('a', { startedAt: 1_000, endedAt: 900 }));
  expect(await lines('seconds_sum')).toEqual([
    'keepalive_attempt_duration_seconds_sum{provider="oauth"} 0',
    'keepalive_attempt_lateness_seconds_sum 0',
  ]);
});

test('a session that is added appears, and one that is removed goes with all its series', async () => {
  const kernel = await following([sessionOf('a'), sessionOf('b')]);
  kernel.send('session/didAttempt', attemptOf('a'));
  kernel.sessions.splice(0, 1, sessionOf('c'));
  kernel.send('config/didChange', { file: undefined });
  await expect.poll(() => kernel.lines('session="c"')).not.toEqual([]);
  expect(await kernel.lines('session="a"')).toEqual([]);
  expect(await kernel.lines('session="b"')).not.toEqual([]);
});

test('a removed session does not return with the end of its last attempt', async () => {
  const kernel = await following([sessionOf('a')]);
  kernel.sessions.splice(0, 1);
  kernel.send('config/didChange', { file: undefined });
  await expect.poll(() => kernel.lines('session="a"')).toEqual([]);
  kernel.send('session/didAttempt', attemptOf('a'));
  kernel.send('session/didChange', sessionOf('a'));
  await expect.poll(() => kernel.asked.filter(method => method === 'session/list').length).toBe(3);
  expect(await kernel.lines('session="a"')).toEqual([]);
});

test('a list that is older than a notification does not undo it', async () => {
  const kernel = await following([sessionOf('a')]);
  kernel.send('config/didChange', { file: undefined });
  kernel.send('session/didChange', refreshing);
  await expect.poll(() => kernel.asked.filter(method => method === 'session/list').length).toBe(2);
  expect(await kernel.lines('state="refreshing"')).toEqual([
    'keepalive_session_state{session="a",state="refreshing"} 1',
  ]);
});

test('many unknown sessions are listed with few requests', async () => {
  const kernel = await following([]);
  const many = Array.from({ length: 1_000 }, (_, index) => sessionOf(`s${index}`));
  kernel.sessions.push(...many);
  for (const session of many) kernel.send('session/didChange', session);
  await expect.poll(async () => (await kernel.lines('session_info')).length).toBe(1_000);
  expect(kernel.asked.filter(method => method === 'session/list').length).toBeLessThanOrEqual(3);
});

test('notices are counted by level, also when there are none', async () => {
  const notice: Notice = { id: 'n', session: 'a', level: 'error', code: 'failing', title: '', body: '', raisedAt: 1 };
  const kernel = await following([sessionOf('a')], [notice]);
  expect(await kernel.lines('keepalive_notices')).toEqual([
    'keepalive_notices{level="info"} 0',
    'keepalive_notices{level="warning"} 0',
    'keepalive_notices{level="error"} 1',
  ]);
  kernel.notices.pop();
  kernel.send('notice/didClear', notice);
  await expect.poll(() => kernel.lines('level="error"')).toEqual(['keepalive_notices{level="error"} 0']);
});
