import { expect, test } from 'vitest';
import { digestOf } from '../../../sdk/wording/digest.ts';
import { notice } from '../../support/notice.ts';

const lost = (name: string) => notice({ id: `${name}:login-required`, title: `${name} needs a login` });
const back = (name: string) =>
  notice({ id: `${name}:recovered`, code: 'recovered', level: 'info', title: `${name} is alive again` });
const plugin = (name: string) =>
  notice({ id: `${name}:plugin-failed`, code: 'plugin-failed', title: `The plugin ${name} was not loaded` });

test.each([
  [[lost('Codex'), lost('Claude')], '2 sessions need a login'],
  [[back('A'), back('B'), lost('Codex')], 'Codex needs a login and 2 sessions are alive again'],
  [[plugin('a'), lost('Codex'), plugin('b')], '2 other notices and Codex needs a login'],
  [[plugin('a'), plugin('b')], '2 notices'],
])('a digest is summed up in its title: %#', (notices, title) => {
  expect(digestOf(notices).title).toBe(title);
});

test('a digest lists the worst first, with what to do', () => {
  expect(digestOf([back('Claude'), lost('Codex')])).toEqual({
    id: 'keepalive:digest:Codex:login-required',
    session: 'keepalive',
    level: 'error',
    code: 'digest',
    title: 'Codex needs a login and Claude is alive again',
    body: 'Codex needs a login. Run `codex login`.\nClaude is alive again',
    raisedAt: notice().raisedAt,
  });
});

test('a digest of a thousand notices has twenty lines', () => {
  const lines = digestOf(Array.from({ length: 1_000 }, (_, index) => back(`session-${index}`))).body.split('\n');
  expect(lines).toHaveLength(20);
  expect(lines.at(-1)).toBe('And 981 more: see `keepalive status`.');
});
