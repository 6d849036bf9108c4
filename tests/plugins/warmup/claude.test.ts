import { describe, expect, test } from 'vitest';
import { claude } from '../../../plugins/warmup/claude.ts';
import type { DriverContext, Sent } from '../../../plugins/warmup/driver.ts';
import type { UsageWindow } from '../../../sdk/contract/rpc.ts';
import { KeepaliveError } from '../../../sdk/contract/errors.ts';
import type { ExecResult } from '../../../sdk/plugin/process.ts';
import { fakeContext } from '../../../sdk/testing/index.ts';

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 0, 10, 6, 10);
const RESET = NOW + 5 * HOUR;
const SHORT: UsageWindow = { kind: 'short', usedPercent: 1, startsAt: NOW, resetsAt: RESET };

const limits = (status: string, more: object = {}) => ({
  type: 'rate_limit_event',
  rate_limit_info: { status, unifiedWindows: { five_hour: { utilization: 0.01, resetsAt: RESET / 1_000 } }, ...more },
});
const ended = (more: object) => ({ type: 'result', total_cost_usd: 0, api_error_status: null, result: 'OK', ...more });
const FINE = ended({ is_error: false, total_cost_usd: 0.001 });
const error = (status: number | null, result: string, more: object = {}) =>
  ended({ is_error: true, api_error_status: status, result, ...more });
const printed = (...events: readonly object[]): Partial<ExecResult> => ({
  stdout: events.map(event => `${JSON.stringify(event)}\n`).join(''),
});

/** Sends a prompt with a claude that ends like this. */
async function send(ending: Partial<ExecResult> | undefined, given: Partial<DriverContext> = {}) {
  const context = fakeContext({ now: () => NOW, exec: ending && (() => ending) });
  const driver: DriverContext = { ...context, program: 'claude', variables: {}, model: undefined, ...given };
  return { sent: await claude.send(driver), calls: context.calls };
}

describe('what a prompt did', () => {
  test.each<[string, Partial<ExecResult>, Sent]>([
    ['answered', printed(limits('allowed'), FINE), { result: 'answered', windows: [SHORT] }],
    ['answered near the limit', printed(limits('allowed_warning'), FINE), { result: 'answered', windows: [SHORT] }],
    ['answered without limits', printed(FINE), { result: 'answered', windows: [] }],
    [
      'answered with limits that make no sense',
      printed(limits('allowed', { unifiedWindows: { five_hour: { utilization: 0, resetsAt: 'soon' } } }), FINE),
      { result: 'answered', windows: [] },
    ],
    [
      'declined by the model',
      { ...printed(limits('allowed'), error(null, "Haiku can't help with this.")), exitCode: 1 },
      { result: 'answered', windows: [SHORT] },
    ],
    [
      'answered, though claude did not end',
      { ...printed(limits('allowed')), exitCode: undefined, timedOut: true },
      { result: 'answered', windows: [SHORT] },
    ],
    [
      'refused at the limit',
      { ...printed(limits('rejected'), error(429, "You've hit your 5-hour limit · resets 12pm (UTC)")), exitCode: 1 },
      {
        result: 'refused',
        reason: "claude reports: You've hit your 5-hour limit · resets 12pm (UTC)",
        windows: [SHORT],
      },
    ],
    [
      'refused for lack of credit',
      { ...printed(error(400, 'Credit balance is too low')), exitCode: 1 },
      { result: 'refused', reason: 'claude reports: Credit balance is too low', windows: [] },
    ],
    [
      'refused after a prompt that counted',
      printed(error(429, 'Slow down', { total_cost_usd: 0.001 })),
      { result: 'failed', reason: 'claude reports: Slow down' },
    ],
    [
      'overloaded',
      printed(error(529, 'API Error: 529 Overloaded.')),
      { result: 'failed', reason: 'claude reports: API Error: 529 Overloaded.' },
    ],
    [
      'overloaded in the midst of an answer',
      printed(limits('allowed'), error(529, 'API Error: Overloaded')),
      { result: 'failed', reason: 'claude reports: API Error: Overloaded' },
    ],
    [
      'lost',
      printed(error(null, 'API Error: Connection dropped (ECONNRESET).')),
      { result: 'failed', reason: 'claude reports: API Error: Connection dropped (ECONNRESET).' },
    ],
    [
      'ended by claude with a list of errors',
      printed({ type: 'result', is_error: true, errors: ['Reached maximum number of turns (1)'] }),
      { result: 'failed', reason: 'claude reports: Reached maximum number of turns (1)' },
    ],
    [
      'sent by a claude that hangs',
      { exitCode: undefined, timedOut: true },
      { result: 'failed', reason: 'claude did not end within 120 seconds.' },
    ],
    [
      'not sent by a claude that is too old',
      { exitCode: 1, stderr: "error: unknown option '--tools'\n" },
      { result: 'failed', reason: "claude ended with exit code 1: error: unknown option '--tools'" },
    ],
    ['sent without a word', {}, { result: 'failed', reason: 'claude ended with exit code 0' }],
  ])('%s', async (_name, ending, expected) => expect((await send(ending)).sent).toEqual(expected));

  test('a reason shows no address, no control character and nothing that may be a secret', async () => {
    const secret = 'CANARY-sk-ant-oat01-0123456789abcdef0123456789';
    const { sent } = await send(
      printed(error(401, `\u001b[31mBad\n${secret}, see https://example.test/${secret} now`)),
    );
    expect(sent).toMatchObject({ reason: 'claude reports: Bad … see … now' });
  });

  test('a log line says that usage credits paid for it', async () => {
    const { calls } = await send(printed(limits('rejected', { isUsingOverage: true }), FINE));
    expect(calls.log).toMatchObject([{ level: 'warn' }]);
  });

  test('a claude that is not installed is an error', async () =>
    expect(send(undefined)).rejects.toSatisfy(
      problem => problem instanceof KeepaliveError && problem.code === 'KA_PROGRAM_NOT_FOUND',
    ));
});

describe('how claude is run', () => {
  test('once, in an empty folder, without tools, settings, MCP servers and history', async () => {
    const { calls } = await send(printed(FINE));
    expect(calls.exec).toHaveLength(1);
    const { args = [], options } = calls.exec[0] ?? {};
    expect(options).toMatchObject({ timeoutMs: 120_000, graceMs: 60_000 });
    expect(options?.cwd).toBeUndefined();
    expect(args).toEqual(expect.arrayContaining(['--strict-mcp-config', '--no-session-persistence']));
    for (const name of ['--tools', '--setting-sources']) expect(args[args.indexOf(name) + 1]).toBe('');
    expect(args[args.indexOf('--model') + 1]).toBe('haiku');
  });

  test('the arguments hold no secret, and the login is that of the session alone', async () => {
    const variables = { CLAUDE_CONFIG_DIR: '/home/you/CANARY', ANTHROPIC_API_KEY: undefined };
    const { calls } = await send(printed(FINE), { variables });
    const { args, options } = calls.exec[0] ?? {};
    expect(JSON.stringify(args)).not.toContain('CANARY');
    expect(options?.env).toMatchObject({ ...variables, CLAUDE_CODE_MAX_RETRIES: '0' });
    const removed = Object.entries(options?.env ?? {}).flatMap(([name, value]) => (value === undefined ? [name] : []));
    expect(removed).toEqual(
      expect.arrayContaining(['ANTHROPIC_AUTH_TOKEN', 'CLAUDE_CODE_OAUTH_TOKEN', 'CLAUDE_CODE_USE_BEDROCK']),
    );
  });

  test('with the model that the user chose, as the cost says', async () => {
    const { calls } = await send(printed(FINE), { model: 'sonnet' });
    expect(calls.exec[0]?.args).toContain('sonnet');
    expect(claude.costOf('sonnet').command).toEqual(['claude', ...(calls.exec[0]?.args ?? [])]);
  });
});
