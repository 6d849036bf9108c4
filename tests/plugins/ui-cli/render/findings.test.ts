import { describe, expect, test } from 'vitest';
import { renderFindings, summaryOf } from '../../../../plugins/ui-cli/render/findings.ts';
import { plain, type View } from '../../../../plugins/ui-cli/render/view.ts';
import type { Finding } from '../../../../sdk/contract/rpc.ts';
import { displayWidth } from '../../../../plugins/ui-cli/render/width.ts';
import { NOW } from '../fake-kernel.ts';

const view = (width: number): View => ({ now: NOW, width, paint: plain });
const FINDINGS: readonly Finding[] = [
  { level: 'ok', subject: 'node', message: 'Node 20' },
  { level: 'info', subject: 'clock', message: 'not compared yet' },
  { level: 'ok', subject: 'claude', message: 'credential present in /home/me/.claude/x.json' },
  { level: 'ok', subject: 'claude', message: 'the program is 2.1' },
  {
    level: 'warning',
    subject: 'acme',
    message: `expired ${new Date(NOW - 7_200_000).toISOString()}`,
    action: 'chmod 600 /home/me/acme.json',
  },
  { level: 'error', subject: 'codex', message: 'The credential cannot be read.', action: 'Sign in again' },
];

test('the worst comes first, what is well with one subject is one line, and each ends with a full stop', () => {
  expect(renderFindings(FINDINGS, view(100), '/home/me').split('\n')).toEqual([
    '✗ codex   The credential cannot be read.',
    '          → Sign in again.',
    '▲ acme    expired 2 h ago.',
    '          → chmod 600 ~/acme.json',
    '· clock   not compared yet.',
    '✓ node    Node 20.',
    '✓ claude  credential present in ~/.claude/x.json; the program is 2.1.',
  ]);
});

test('findings that ask for the same are one', () => {
  const message = 'no credential';
  const twice: readonly Finding[] = [
    { level: 'warning', subject: 'acme', message, action: 'Sign in.' },
    { level: 'warning', subject: 'acme', message: 'It is unavailable.', action: 'Sign in.' },
    { level: 'warning', subject: 'acme', message: 'others can read it', action: 'chmod 600 x' },
  ];
  expect(renderFindings(twice, view(100)).split('\n')).toHaveLength(4);
  expect(summaryOf(twice, { sessions: 1, needed: 0 })).toBe('2 warnings.');
  expect(summaryOf([], { sessions: 1, needed: 1 })).toBe('No other problems.');
});

describe('at any width', () => {
  test.each([40, 60, 80, 120])('of %i columns, every line fits', width => {
    const lines = renderFindings(FINDINGS, view(width)).split('\n');
    expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(width);
  });
});

test.each<[readonly Finding[], number, string]>([
  [FINDINGS, 1, '1 problem to fix and 1 warning.'],
  [FINDINGS, 0, '1 problem to fix and 1 warning.'],
  [FINDINGS.slice(0, 4), 1, 'Everything is well.'],
  [FINDINGS.slice(0, 4), 0, 'No problems, but no session is kept alive yet.'],
])('the summary counts what needs the user', (findings, sessions, summary) => {
  expect(summaryOf(findings, { sessions, needed: 0 })).toBe(summary);
});
