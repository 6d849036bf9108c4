import Ajv from 'ajv';
import { describe, expect, test } from 'vitest';
import { checkConfig } from '../../../config/resolve.ts';
import { readText } from '../../support/sources.ts';

const read = (name: string): object => JSON.parse(readText(name));
const { exports } = read('package.json') as { readonly exports: Readonly<Record<string, unknown>> };

test.each(['openrpc.json', 'schema.json'])('%s is exported, and read as JSON', name => {
  expect(exports[`./${name}`]).toBe(`./dist/${name}`);
  expect(read(`dist/${name}`)).toEqual(expect.any(Object));
});

describe('schema.json', () => {
  const byEditor = new Ajv().compile(read('dist/schema.json'));

  function byDaemon(value: unknown): boolean {
    try {
      return checkConfig('keepalive.config.json', value) !== undefined;
    } catch {
      return false;
    }
  }

  const accepted = [
    { plugins: [] },
    {
      plugins: ['codex', ['codex', { id: 'work' }], ['./acme.ts', {}, { isolated: false }], ['./acme.ts', {}, {}]],
      policy: { enabled: true, refreshBefore: '1.5h', renewEarly: true, minInterval: '5m', retries: 0, jitter: 1 },
      sessions: { codex: { backoff: { initial: '1m', factor: 2, max: '1h' }, maxFailures: 1, timeout: '90s' } },
      rpc: { port: 65_535 },
      concurrency: 3,
      logLevel: 'debug',
    },
    ...[
      { mode: 'interval', every: '30m' },
      { mode: 'daily', at: '9:00', timezone: 'Europe/Berlin', days: ['mon'] },
      { mode: 'before-expiry', buffer: '0s' },
      { mode: 'cron', pattern: '0 9 * * 1-5' },
    ].map(schedule => ({ plugins: [], policy: { schedule } })),
  ];
  const refused = [
    [],
    {},
    { plugins: 'codex' },
    { plugins: [''] },
    { plugins: [7] },
    { plugins: [['codex']] },
    { plugins: [['codex', []]] },
    { plugins: [['codex', {}, { isolated: 'no' }]] },
    { plugins: [['codex', {}, {}, {}]] },
    { plugins: [], colour: 'red' },
    { plugins: [], rpc: { port: 65_536 } },
    { plugins: [], rpc: { host: '::' } },
    { plugins: [], concurrency: 0 },
    { plugins: [], logLevel: 'fatal' },
    ...[
      { colour: 'red' },
      { timeout: '1w' },
      { timeout: 90 },
      { retries: -1 },
      { jitter: 2 },
      { backoff: { initial: 'soon' } },
      { schedule: null },
      { schedule: { mode: 'daily' } },
      { schedule: { mode: 'daily', at: '25:00' } },
      { schedule: { mode: 'daily', at: '9:00', days: ['monday'] } },
      { schedule: { mode: 'interval', every: '1h', buffer: '5m' } },
    ].flatMap(policy => [
      { plugins: [], policy },
      { plugins: [], sessions: { codex: policy } },
    ]),
  ];

  test.each(accepted)('accepts what the daemon accepts: %j', value => {
    expect([byEditor(value), byDaemon(value)]).toEqual([true, true]);
  });

  test.each(refused.map(value => [value]))('refuses what the daemon refuses: %j', value => {
    expect([byEditor(value), byDaemon(value)]).toEqual([false, false]);
  });
});
