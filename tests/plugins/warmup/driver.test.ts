import { expect, test } from 'vitest';
import type { ExecResult } from '../../../sdk/plugin/process.ts';
import { endingOf } from '../../../plugins/warmup/codex-events.ts';
import { quote } from '../../../plugins/warmup/driver.ts';

test.each([
  ['See https://example.com/?key=CANARY for more.', 'See … for more.'],
  ['CANARY@example.com is not allowed', '… is not allowed'],
  ["CANARY@example.com's plan", '… plan'],
  [`the key ${'CANARY'.repeat(6)} is odd`, 'the key … is odd'],
  ['two\n\u001B[31mlines', 'two lines'],
  ['a '.repeat(200), 'a '.repeat(100)],
])('what a program prints is kept without addresses, accounts and secrets: %j', (text, expected) => {
  expect(quote(text)).toBe(expected);
});

test('what codex prints is quoted so too', () => {
  const failed = { stdout: '', timedOut: false, exitCode: 1, stderr: `no CANARY@example.com ${'CANARY'.repeat(6)}` };
  expect(endingOf(failed satisfies ExecResult)).toEqual({ result: 'failed', reason: 'Codex reports: no … …' });
});
