import { describe, expect, test } from 'vitest';
import { providerLabel } from '../../../plugins/metrics/families.ts';
import { formatFor } from '../../../plugins/metrics/listener.ts';
import { SessionSeries } from '../../../plugins/metrics/session-series.ts';
import type { Session } from '../../../sdk/contract/session.ts';
import { sessionOf } from './fake-client.ts';

function linesOf(session: Session): readonly string[] {
  const series = new SessionSeries();
  series.put({ session, outcomes: new Map() });
  return series.parts('text').join('').split('\n');
}

test('times are in seconds, and a time that is not known has no series', () => {
  const lines = linesOf(sessionOf('a', { expiresAt: 1_795_915_693_671, nextAttemptAt: undefined }));
  expect(lines.filter(line => line.includes('timestamp_seconds{'))).toEqual([
    'keepalive_session_expires_timestamp_seconds{session="a"} 1795915693.671',
  ]);
});

test('what a plugin calls its method cannot end a label or a line', () => {
  const lines = linesOf(sessionOf('a', { method: 'a"} 1\n\\evil' }));
  expect(lines).toContain(String.raw`keepalive_session_info{session="a",provider="oauth",method="a\"} 1\n\\evil"} 1`);
});

test('no account, display name or policy is shown', () => {
  const secrets = { account: 'm…@example.com, Max', displayName: 'CANARY-name', nextAttemptWhy: 'CANARY-why' };
  const text = linesOf(sessionOf('a', secrets)).join('\n');
  expect(text).not.toMatch(/CANARY|example\.com/);
});

test.each([
  ['oauth', 'oauth'],
  ['(inline)', '(inline)'],
  ['keepalive-plugin-acme', 'keepalive-plugin-acme'],
  ['@acme/keepalive-plugin', '@acme/keepalive-plugin'],
  ['./my-provider.ts', 'my-provider'],
  ['../plugins/acme/index.mjs', 'acme'],
  ['/home/mary/acme.js', 'acme'],
  ['~/acme.js', 'acme'],
  ['C:\\Users\\mary\\acme.cjs', 'acme'],
  ['file:///home/mary/acme.ts', 'acme'],
])('the provider %s has the label %s', (provider, label) => {
  expect(providerLabel(provider)).toBe(label);
});

describe('the format that a scraper gets', () => {
  const prometheus =
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,' +
    'text/plain;version=0.0.4;q=0.5,*/*;q=0.1';
  test.each([
    [prometheus, 'openmetrics'],
    ['application/openmetrics-text; version=1.0.0; charset=utf-8', 'openmetrics'],
    ['', 'text'],
    ['*/*', 'text'],
    ['text/plain;version=0.0.4;q=1,application/openmetrics-text;q=0.5', 'text'],
    ['application/openmetrics-text;q=0', 'text'],
    ['application/openmetrics-text;q=none', 'text'],
    ['text/html', 'text'],
  ])('%s', (accept, format) => {
    expect(formatFor(accept)).toBe(format);
  });
});
