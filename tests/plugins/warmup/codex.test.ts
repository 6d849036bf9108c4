import { describe, expect, test } from 'vitest';
import { createCodexDriver } from '../../../plugins/warmup/codex.ts';
import type { DriverContext } from '../../../plugins/warmup/driver.ts';
import type { ExecResult } from '../../../sdk/plugin/process.ts';
import { converse, fakeContext, type ExecCall } from '../../../sdk/testing/index.ts';

const NOW = Date.UTC(2026, 0, 10, 6);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const limits = (resetsAt: number, usedPercent = 1) => ({
  rateLimits: {
    primary: { usedPercent, windowDurationMins: 300, resetsAt: resetsAt / 1_000 },
    secondary: null,
  },
});
const WINDOW = {
  kind: 'short' as const,
  usedPercent: 1,
  startsAt: NOW,
  resetsAt: NOW + 5 * HOUR,
};

const lines = (...events: readonly object[]): string => events.map(event => `${JSON.stringify(event)}\n`).join('');
const COMPLETED = lines({ type: 'turn.started' }, { type: 'turn.completed', usage: {} });
const failing = (message: string): Partial<ExecResult> => ({
  exitCode: 1,
  stdout: lines({ type: 'error', message }, { type: 'turn.failed', error: { message } }),
});

type Scene = {
  /** What codex's own server answers. Undefined: an error. Several: one after the other. */
  readonly server?: Readonly<Record<string, unknown>>;
  readonly limits?: readonly unknown[];
  readonly prompt?: (call: ExecCall) => Partial<ExecResult>;
  readonly given?: Partial<DriverContext>;
};

const MODELS = { data: [{ model: 'gpt-6.2' }, { model: 'gpt-6-mini', hidden: false }, { model: 'gpt-5-mini' }] };
const SERVER = {
  initialize: {},
  'config/read': { config: { cli_auth_credentials_store: 'keyring', mcp_servers: { own: {} } } },
  'model/list': MODELS,
};

/** A codex that plays the scene, and the driver that uses it. The clock moves on only while the driver waits. */
function play({ server = {}, limits: given = [limits(NOW + 5 * HOUR)], prompt, given: overrides }: Scene = {}) {
  const answers: Readonly<Record<string, unknown>> = { ...SERVER, ...server };
  const reads = [...given];
  const asked: string[] = [];
  const waits: number[] = [];
  const { calls, ...fake } = fakeContext({
    now: () => NOW,
    exec: async call => {
      if (call.args[0] === 'exec') return prompt?.(call) ?? { stdout: COMPLETED };
      await converse(call, line => {
        const { id, method } = JSON.parse(line);
        if (id === undefined) return [];
        asked.push(method);
        const result = method === 'account/rateLimits/read' ? reads.shift() : answers[method];
        const reply = result === undefined ? { error: { code: -32_600, message: 'no' } } : { result };
        return ['not JSON', JSON.stringify({ method: 'note' }), JSON.stringify({ id, ...reply })];
      });
      return {};
    },
  });
  const context: DriverContext = {
    ...fake,
    program: '/bin/codex',
    variables: { CODEX_HOME: '/home/you/.codex' },
    model: undefined,
    ...overrides,
  };
  const driver = createCodexDriver(async ms => void waits.push(ms));
  const prompts = () => calls.exec.filter(({ args }) => args[0] === 'exec');
  return { driver, context, calls, asked, waits, prompts };
}

describe('a prompt of codex', () => {
  test('is sent once, and the windows that codex reports afterwards are returned', async () => {
    const { driver, context, prompts } = play({ limits: [limits(NOW + 5 * HOUR), limits(NOW + 5 * HOUR)] });
    expect(await driver.send(context)).toEqual({ result: 'answered', windows: [WINDOW] });
    expect(prompts()).toHaveLength(1);
  });

  test('is sent by the program, with the variables and without other credentials', async () => {
    const { driver, context, calls } = play();
    await driver.send(context);
    expect(calls.exec.map(({ program }) => program)).toEqual(['/bin/codex', '/bin/codex', '/bin/codex']);
    for (const { options } of calls.exec) {
      expect(options.env).toEqual({
        CODEX_HOME: '/home/you/.codex',
        OPENAI_API_KEY: undefined,
        CODEX_API_KEY: undefined,
        CODEX_ACCESS_TOKEN: undefined,
      });
      expect(options.graceMs).toBe(MINUTE);
      expect(options.input).toBeUndefined();
    }
  });

  test('uses none of the configuration of the user but the place of the login', async () => {
    const { driver, context, prompts } = play();
    await driver.send(context);
    const [{ args = [], options = {} } = {}] = prompts();
    expect(args).toEqual(expect.arrayContaining(['--ignore-user-config', '--ephemeral', '--sandbox=read-only']));
    expect(args).toContain('cli_auth_credentials_store="keyring"');
    expect(options.timeoutMs).toBe(2 * MINUTE);
  });

  test.each([
    ['the first small one', MODELS, undefined, 'gpt-6-mini'],
    ['no hidden one', { data: [{ model: 'a-nano', hidden: true }, { model: 'b-luna' }] }, undefined, 'b-luna'],
    ['none that has the word within another', { data: [{ model: 'gemini-1' }, { model: 'terminal' }] }, undefined, ''],
    ['the default of codex, if no model is listed', undefined, undefined, ''],
    ['the default of codex, if the list makes no sense', { data: 'none' }, undefined, ''],
    ["the user's, if there is one", MODELS, 'gpt-of-mine', 'gpt-of-mine'],
  ])('uses this model: %s', async (_, models, model, expected) => {
    const { driver, context, prompts } = play({ server: { 'model/list': models }, given: { model } });
    await driver.send(context);
    const named = prompts()[0]?.args.find(arg => arg.startsWith('--model='));
    expect(named).toBe(expected === '' ? undefined : `--model=${expected}`);
  });

  test('is not sent if codex does not report where it keeps the login', async () => {
    const { driver, context, prompts } = play({ server: { 'config/read': undefined } });
    expect(await driver.send(context)).toEqual({
      result: 'failed',
      reason: expect.stringContaining('Nothing was sent'),
    });
    expect(prompts()).toEqual([]);
  });

  test.each([
    ['You’ve hit your usage limit. Try again at 12:19 PM.', 'The usage limit of the account is reached'],
    ['Quota exceeded. Check your plan and billing details.', 'The usage limit of the account is reached'],
    ['To use Codex with your ChatGPT plan, upgrade to Plus: https://x.test', /plan of the account/],
    ['exceeded retry limit, last status: 429 Too Many Requests', 'OpenAI wants fewer requests'],
    ['rate limit exceeded: Rate limit reached.', 'OpenAI wants fewer requests'],
    ['unexpected status 401 Unauthorized: token expired, url: https://x.test', /does not accept the login/],
    ['unexpected status 403 Forbidden: {}, url: https://x.test', /403/],
    ['{"detail":"The \'a\' model is not supported when using Codex"}', /does not offer this model/],
  ])('is refused: %s', async (message, reason) => {
    const { driver, context, prompts } = play({
      prompt: () => failing(message),
      limits: [limits(NOW + 5 * HOUR), limits(NOW + 5 * HOUR)],
    });
    const expected = typeof reason === 'string' ? reason : expect.stringMatching(reason);
    expect(await driver.send(context)).toEqual({ result: 'refused', reason: expected, windows: [WINDOW] });
    expect(prompts()).toHaveLength(1);
  });

  test.each<[string, Partial<ExecResult>, RegExp]>([
    ['the vendor has a fault', failing('We’re experiencing high demand'), /Codex reports: We’re experiencing/],
    ['the connection broke', failing('stream disconnected before completion: https://x.test/y'), /completion: …$/],
    ['codex is too old', { exitCode: 2, stderr: "error: unexpected argument '--ephemeral' found\n" }, /too old/],
    ['codex ended with an error', { exitCode: 101, stderr: 'warning\nit\u001B[31m broke\u0007\n' }, /: it broke$/],
    ['codex was killed', { exitCode: undefined }, /without an answer \(exit code none\)/],
    ['codex ended well without an answer', { exitCode: 0, stdout: lines({ type: 'turn.started' }) }, /exit code 0/],
    ['codex took too long', { exitCode: undefined, timedOut: true }, /in time/],
  ])('has failed if %s, and codex is asked nothing more', async (_, result, reason) => {
    const { driver, context, calls } = play({ prompt: () => result });
    expect(await driver.send(context)).toEqual({ result: 'failed', reason: expect.stringMatching(reason) });
    expect(calls.exec).toHaveLength(2);
  });

  test('has been answered if codex says so, even if it had to be ended', async () => {
    const { driver, context } = play({ prompt: () => ({ stdout: COMPLETED, timedOut: true }) });
    expect(await driver.send(context)).toMatchObject({ result: 'answered' });
  });

  test('has failed if it is ended while codex runs', async () => {
    const stop = new AbortController();
    const { driver, context } = play({
      given: { signal: stop.signal },
      prompt: () => {
        stop.abort(new Error('The daemon stops'));
        throw stop.signal.reason;
      },
    });
    expect(await driver.send(context)).toEqual({ result: 'failed', reason: expect.stringContaining('ended') });
  });

  test('has been answered even if the windows cannot be read afterwards', async () => {
    const { driver, context } = play({ limits: [] });
    expect(await driver.send(context)).toEqual({ result: 'answered', windows: [] });
  });

  test('has been answered even if codex cannot be started again', async () => {
    const { driver, context, calls } = play();
    const { exec } = context;
    let runs = 0;
    const failingLater: DriverContext = {
      ...context,
      exec: async (...call) => {
        if (++runs === 3) throw new Error('no memory');
        return exec(...call);
      },
    };
    expect(await driver.send(failingLater)).toEqual({ result: 'answered', windows: [] });
    expect(calls.log.map(({ level }) => level)).toEqual(['warn']);
  });

  test('throws if there is no codex', async () => {
    const { driver, context } = play();
    const { exec } = fakeContext();
    await expect(driver.send({ ...context, exec })).rejects.toMatchObject({ code: 'KA_PROGRAM_NOT_FOUND' });
  });
});

describe('a look at the windows of codex', () => {
  const look = async (answers: readonly unknown[]) => {
    const { driver, context, prompts, asked, waits } = play({ limits: answers });
    const windows = await driver.look?.(context);
    expect(prompts()).toEqual([]);
    return { windows, asked, waits };
  };

  test('sends no prompt, and reads twice to see which windows have begun', async () => {
    const { windows, asked, waits } = await look([limits(NOW + 5 * HOUR), limits(NOW + 5 * HOUR)]);
    expect(windows).toEqual([WINDOW]);
    expect(asked).toEqual(['initialize', 'account/rateLimits/read', 'account/rateLimits/read']);
    expect(waits).toHaveLength(1);
  });

  test('finds no window that has not begun, even if some of it seems to be used', async () => {
    const { windows } = await look([limits(NOW + 5 * HOUR), limits(NOW + 5 * HOUR + 6_000)]);
    expect(windows).toEqual([]);
  });

  test('finds none if there are none, and does not wait', async () => {
    const { windows, waits } = await look([{ rateLimits: { primary: null, secondary: null } }]);
    expect(windows).toEqual([]);
    expect(waits).toEqual([]);
  });

  test.each([
    ['the first', []],
    ['the second', [limits(NOW + 5 * HOUR)]],
  ])('knows nothing if codex does not give %s answer', async (_, answers) => {
    expect((await look(answers)).windows).toBeUndefined();
  });
});

describe('the cost of codex', () => {
  const { driver } = play();

  test('shows the command with the model', () => {
    expect(driver.costOf('gpt-of-mine').command).toEqual(
      expect.arrayContaining(['codex', 'exec', '--model=gpt-of-mine']),
    );
    expect(driver.costOf(undefined).command.join(' ')).toContain('the smallest');
  });

  test('names tokens and terms', () => {
    const { tokens, terms } = driver.costOf(undefined);
    expect(tokens).toMatch(/8,000/);
    expect(terms).toMatch(/As we read them/);
  });
});
