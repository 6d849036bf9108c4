import { describe, expect, test } from 'vitest';
import { createCodexDriver, codexDriver } from '../../plugins/warmup/codex.ts';
import { beganMinutesAgo, type PromptAnswer, type Usage } from '../support/vendors/codex-api.ts';
import { warmUpMachine } from '../support/vendors/codex-warm-up.ts';
import { findVendorProgram, noVendorProgram } from '../support/vendors/vendor-program.ts';

const MINUTE = 60_000;
const LONGEST_MS = 120_000;
const program = findVendorProgram('codex');

/** Does not wait between two looks, so that every reported window seems to have begun. */
const hasty = createCodexDriver(async () => {});

/** Tries all tools that can run a command. */
const TOUCH = 'for (const name of Object.keys(tools)) await tools[name]({ cmd: "touch FILE", command: "touch FILE" });';

describe
  .skipIf(!program)
  .concurrent(`with the real codex (${program ?? `skipped: ${noVendorProgram('codex')}`})`, () => {
    const machine = (options?: Parameters<typeof warmUpMachine>[1]) => warmUpMachine(program ?? '', options);

    test(
      'one prompt begins a window, and codex reports it',
      async () => {
        const { context, prompts } = await machine();
        const before = Date.now();
        expect((await codexDriver.look?.(context()))?.map(({ kind }) => kind)).toEqual(['week']);
        expect(prompts).toEqual([]);
        const sent = await codexDriver.send(context());
        expect(sent).toMatchObject({
          result: 'answered',
          windows: [{ kind: 'short', usedPercent: 1 }, { kind: 'week' }],
        });
        const { startsAt = 0, resetsAt = 0 } = (sent.result === 'answered' && sent.windows[0]) || {};
        expect(resetsAt - startsAt).toBe(300 * MINUTE);
        expect(startsAt).toBeGreaterThanOrEqual(before - 1_000);
        expect(startsAt).toBeLessThanOrEqual(Date.now());
        expect(prompts).toHaveLength(1);
      },
      LONGEST_MS,
    );

    test(
      'a prompt runs nothing of the user, stores nothing, and is small',
      async () => {
        const { context, prompts, marks, requests, stored, isAlive } = await machine();
        expect(await hasty.send(context())).toMatchObject({ result: 'answered' });
        const [{ body = '' } = {}] = prompts;
        expect(JSON.parse(body)).toMatchObject({
          model: expect.stringMatching(/mini|luna/),
          stream: true,
          store: false,
        });
        expect(body).not.toMatch(/CANARY-(?:skill|instructions|refresh)/);
        expect(body.length).toBeLessThan(40_000);
        expect(await marks()).toEqual([]);
        expect((await stored()).filter(file => /sessions|history|rollout|\.jsonl/.test(file))).toEqual([]);
        expect(requests.filter(request => /analytics|plugins|mcp/.test(request))).toEqual([]);
        expect(requests.filter(request => request.startsWith('POST'))).toEqual(['POST /backend-api/codex/responses']);
        expect(await isAlive()).toBe(true);
      },
      LONGEST_MS,
    );

    test(
      'a prompt uses the model that the user chose',
      async () => {
        const { context, prompts } = await machine();
        expect(await hasty.send(context({ model: 'gpt-5.5' }))).toMatchObject({ result: 'answered' });
        expect(prompts.map(({ body }) => JSON.parse(body).model)).toEqual(['gpt-5.5']);
      },
      LONGEST_MS,
    );

    test(
      'a running window is found',
      async () => {
        const window = beganMinutesAgo(90, 300, 40);
        const { context, prompts } = await machine({ usage: () => ({ primary_window: window }) });
        const resetsAt = Number(window.reset_at) * 1_000;
        expect(await codexDriver.look?.(context())).toEqual([
          { kind: 'short', usedPercent: 40, startsAt: resetsAt - 300 * MINUTE, resetsAt },
        ]);
        expect(prompts).toEqual([]);
      },
      LONGEST_MS,
    );

    test(
      'an answered prompt that begins no window has no window',
      async () => {
        const { context, prompts } = await machine({ begins: false });
        const sent = await codexDriver.send(context());
        expect(sent).toMatchObject({ result: 'answered', windows: [{ kind: 'week' }] });
        expect(prompts).toHaveLength(1);
      },
      LONGEST_MS,
    );

    const limit = {
      type: 'usage_limit_reached',
      message: 'The usage limit has been reached',
      resets_in_seconds: 3_600,
    };

    test.each<[string, PromptAnswer, RegExp]>([
      ['its usage limit is reached', { status: 429, error: { ...limit, plan_type: 'plus' } }, /usage limit/],
      ['there are too many requests', { status: 429, error: { type: 'rate_limit_exceeded' } }, /fewer requests/],
      ['access is denied', { status: 403, error: { message: 'no' } }, /403/],
    ])(
      'a prompt is refused once if %s',
      async (_, answer, reason) => {
        const { context, prompts, isAlive } = await machine({ answers: () => answer });
        expect(await hasty.send(context())).toMatchObject({ result: 'refused', reason: expect.stringMatching(reason) });
        expect(prompts).toHaveLength(1);
        expect(await isAlive()).toBe(true);
      },
      LONGEST_MS,
    );

    test.each<[string, PromptAnswer]>([
      ['answers 500', { status: 500, error: { message: 'broken' } }],
      ['hangs up', 'hang up'],
      ['breaks off its answer', 'break off'],
    ])(
      'a prompt has failed after one attempt if the vendor %s',
      async (_, answer) => {
        const { context, prompts } = await machine({ answers: () => answer });
        expect(await hasty.send(context())).toMatchObject({ result: 'failed' });
        expect(prompts).toHaveLength(1);
      },
      LONGEST_MS,
    );

    test(
      'a login that the vendor does not accept is refused, and codex tries no more than to renew it',
      async () => {
        const error = { code: 'token_expired', message: 'token expired' };
        const { context, prompts, isAlive } = await machine({ answers: () => ({ status: 401, error }) });
        expect(await hasty.send(context())).toMatchObject({
          result: 'refused',
          reason: expect.stringMatching(/login/),
        });
        expect(prompts.length).toBeLessThanOrEqual(3);
        expect(await isAlive()).toBe(true);
      },
      LONGEST_MS,
    );

    test(
      'a tool that the model calls is not run',
      async () => {
        const { context, prompts, marks, marked } = await machine({
          answers: count => (count === 1 ? { tool: TOUCH.replaceAll('FILE', marked('tool')) } : 'answer'),
        });
        expect(await hasty.send(context())).toMatchObject({ result: 'answered' });
        expect(prompts).toHaveLength(2);
        expect(prompts[1]?.body).toMatch(/custom_tool_call_output/);
        expect(await marks()).toEqual([]);
      },
      LONGEST_MS,
    );

    test(
      'a prompt that is ended while the vendor is silent was sent once',
      async () => {
        const { context, prompts } = await machine({ answers: () => 'hold' });
        const stop = new AbortController();
        const sending = hasty.send(context({ signal: stop.signal }));
        await expect.poll(() => prompts.length, { timeout: LONGEST_MS }).toBe(1);
        stop.abort(new Error('The daemon stops'));
        expect(await sending).toMatchObject({ result: 'failed', reason: expect.stringMatching(/ended/) });
        expect(prompts).toHaveLength(1);
      },
      LONGEST_MS,
    );

    test.each<[string, () => Usage | undefined | number, readonly string[] | undefined]>([
      ['are absent', () => undefined, []],
      ['are over', () => ({ primary_window: beganMinutesAgo(301, 300, 1) }), []],
      [
        'are in milliseconds',
        () => ({ primary_window: { ...beganMinutesAgo(9, 300, 1), reset_at: Date.now() } }),
        undefined,
      ],
      ['cannot be read', () => 500, undefined],
    ])(
      'no window is found if they %s, and a prompt is answered all the same',
      async (_, usage, expected) => {
        const { context, prompts } = await machine({ usage });
        expect(await hasty.look?.(context())).toEqual(expected);
        expect(await hasty.send(context())).toEqual({ result: 'answered', windows: [] });
        expect(prompts).toHaveLength(1);
      },
      LONGEST_MS,
    );
  });
