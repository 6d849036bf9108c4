import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { claude } from '../../plugins/warmup/claude.ts';
import { createExec } from '../../runtime/capabilities/exec.ts';
import { claudeApi, DECLINED, limitHeaders, type Reply } from '../support/vendors/claude-api.ts';
import { claudeEnvironment } from '../support/vendors/claude-environment.ts';
import { CLAUDE, lackingClaude } from '../support/vendors/claude-scene.ts';
import { realContext, temporaryFolder } from '../support/real-context.ts';
import { vendorProxy } from '../support/vendors/vendor-proxy.ts';

const SECOND = 1_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const HOSTS = ['platform.claude.com', 'api.anthropic.com', 'claude.ai', 'mcp-proxy.anthropic.com'];

/** The next full hour, as the vendor counts. */
const nextHour = () => Math.ceil(Date.now() / HOUR) * HOUR;
const inSeconds = (instant: number) => instant / SECOND;

/** A home with a login, and with everything that must have no part in a warm-up. It leaves a file if it is started. */
async function home(folder: string, login: string): Promise<string> {
  const config = join(folder, '.claude');
  const record = (what: string) => ({ type: 'command', command: `touch ${join(folder, `started-${what}`)}` });
  const hooks = ['Setup', 'SessionStart', 'UserPromptSubmit', 'Stop', 'SessionEnd', 'InstructionsLoaded'];
  const files = {
    '.claude/.credentials.json': login,
    '.claude/settings.json': JSON.stringify({
      model: 'opus',
      statusLine: record('status'),
      hooks: Object.fromEntries(hooks.map(name => [name, [{ hooks: [record(name)] }]])),
    }),
    '.claude.json': JSON.stringify({
      hasCompletedOnboarding: true,
      oauthAccount: { accountUuid: 'u', emailAddress: 'you@example.test', organizationUuid: 'o' },
      mcpServers: { spy: { type: 'stdio', command: 'touch', args: [join(folder, 'started-mcp')] } },
    }),
    '.claude/CLAUDE.md': 'CANARY-instructions',
    '.claude/rules/rule.md': 'CANARY-instructions',
    '.claude/agents/spy.md': '---\nname: spy\ndescription: CANARY-instructions\n---\n',
    '.claude/skills/spy/SKILL.md': '---\nname: spy\ndescription: CANARY-instructions\n---\n',
    // Above the working folder, where claude looks as well.
    'CLAUDE.md': 'CANARY-instructions',
    'AGENTS.md': 'CANARY-instructions',
    '.mcp.json': JSON.stringify({ mcpServers: { near: { command: 'touch', args: [join(folder, 'started-near')] } } }),
  };
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), text, { mode: 0o600 });
  }
  return config;
}

/** Sends one prompt with the real claude, whose login has this long left, to a vendor that replies like this. */
async function warmUp(replies: readonly [Reply, ...Reply[]], { left = HOUR, more = {} } = {}) {
  const api = await claudeApi(...replies);
  const folder = await temporaryFolder();
  const { account, text } = api.signIn(left);
  const config = await home(folder, text);
  const env = await claudeEnvironment(folder, await vendorProxy(HOSTS, api.handle), more);
  const { signal, log, processes } = realContext(folder);
  const exec = createExec({ workDir: join(folder, 'work'), env });
  const context = { signal, log, processes, env, exec, now: Date.now, variables: {}, model: undefined };
  const sent = await claude.send({ ...context, program: CLAUDE ?? '' });
  return {
    sent,
    prompts: api.prompts,
    isAlive: async () => api.isAlive(account, await readFile(join(config, '.credentials.json'), 'utf8')),
    started: (await readdir(folder)).filter(name => name.startsWith('started-')),
    kept: await readEverything(config),
    paths: await readdir(config, { recursive: true }),
  };
}

async function readEverything(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name));
  return (await Promise.all(files.map(name => readFile(name, 'utf8')))).join('\n');
}

const week = () => ({ used: 0.25, resetsAt: inSeconds(nextHour() + 3 * DAY) });
const fresh = () => limitHeaders({ used: 0.01, resetsAt: inSeconds(nextHour() + 4 * HOUR) }, week());
const answered = (headers = fresh()): Reply => ({ status: 200, headers });

describe.skipIf(lackingClaude)(`a warm-up with the real claude (${lackingClaude ?? CLAUDE})`, () => {
  test('begins both windows with one small prompt, for which only the plan pays', async () => {
    const at = nextHour();
    const more = { ANTHROPIC_API_KEY: 'CANARY-key', CLAUDE_CODE_USE_BEDROCK: '1' };
    const { sent, prompts } = await warmUp([answered()], { more });
    expect(sent).toEqual({
      result: 'answered',
      windows: [
        { kind: 'short', usedPercent: 1, startsAt: at - HOUR, resetsAt: at + 4 * HOUR },
        { kind: 'week', usedPercent: 25, startsAt: undefined, resetsAt: at + 3 * DAY },
      ],
    });
    expect(prompts).toHaveLength(1);
    const { headers, body = '' } = prompts[0] ?? {};
    expect(headers?.['x-api-key']).toBeUndefined();
    expect(headers?.authorization).toMatch(/^Bearer access-/);
    expect(JSON.parse(body)).toMatchObject({ model: expect.stringMatching(/^claude-haiku/), tools: [] });
    expect(body.length).toBeLessThan(4_000);
  });

  test('leaves no trace of the prompt, and starts nothing of the user', async () => {
    const { sent, prompts, started, kept, paths } = await warmUp([answered()]);
    expect(sent.result).toBe('answered');
    expect(started).toEqual([]);
    expect(prompts.map(({ body }) => body).join('')).not.toContain('CANARY');
    expect(paths.filter(path => /^(projects|history|todos|shell-snapshots|file-history)/.test(path))).toEqual([]);
    expect(kept).not.toMatch(/hello from the server|Answer with the word/);
  });

  test('shows that a window was running before', async () => {
    const at = nextHour();
    const running = limitHeaders({ used: 0.42, resetsAt: inSeconds(at + HOUR) }, week());
    const { sent, prompts } = await warmUp([answered(running)]);
    expect(sent).toMatchObject({
      windows: [{ kind: 'short', usedPercent: 42, startsAt: at - 4 * HOUR, resetsAt: at + HOUR }, { kind: 'week' }],
    });
    expect(prompts).toHaveLength(1);
  });

  test.each<[string, () => Reply, RegExp, readonly object[]]>([
    [
      'at the limit of the window',
      () => refusal(429, 'exceeded', limitHeaders({ used: 1, resetsAt: inSeconds(nextHour() + HOUR) }, week(), '5h')),
      /5-hour limit/,
      [{ kind: 'short', usedPercent: 100 }, { kind: 'week' }],
    ],
    [
      'at the limit of the week',
      () => refusal(429, 'exceeded', limitHeaders({ used: 0, resetsAt: inSeconds(nextHour() + HOUR) }, week(), '7d')),
      /weekly limit/,
      [{ kind: 'short' }, { kind: 'week' }],
    ],
    ['that is busy', () => refusal(429, 'Slow down.'), /not your usage limit/, []],
    ['without credit', () => refusal(400, NO_CREDIT), /Credit balance is too low/, []],
    ['that does not allow it', () => refusal(403, NOT_ALLOWED), /can't use your Claude subscription/, []],
  ])('is refused by a vendor %s', async (_name, reply, reason, windows) => {
    const { sent, prompts } = await warmUp([reply()]);
    expect(sent).toMatchObject({ result: 'refused', reason: expect.stringMatching(reason), windows });
    expect(prompts).toHaveLength(1);
  });

  test.each<[string, () => Reply, readonly object[]]>([
    ['no limits', () => ({ status: 200 }), []],
    ['limits that are text', () => answered(limitHeaders(TEXT, TEXT)), []],
    [
      'a reset in milliseconds',
      () => answered(limitHeaders({ used: 0, resetsAt: nextHour() }, week())),
      [{ kind: 'week' }],
    ],
    [
      'a reset in the past',
      () => answered(limitHeaders({ used: 0, resetsAt: inSeconds(nextHour() - 2 * HOUR) }, week())),
      [{ kind: 'week' }],
    ],
    [
      'an answer that declines',
      () => ({ status: 200, headers: fresh(), text: DECLINED }),
      [{ kind: 'short' }, { kind: 'week' }],
    ],
  ])('is answered once by a vendor that states %s', async (_name, reply, windows) => {
    const { sent, prompts } = await warmUp([reply()]);
    expect(sent).toMatchObject({ result: 'answered', windows });
    expect(prompts).toHaveLength(1);
  });

  test.each<[string, Reply]>([
    ['that hangs up', 'hang-up'],
    ['that hangs up in the midst of a sentence', 'cut'],
    ['that is overloaded', { status: 529, text: 'Overloaded', type: 'overloaded_error' }],
    ['that fails', { status: 500, text: 'Internal server error', type: 'api_error' }],
    ['behind a page to sign in to a network', { status: 200, text: '<html>Sign in to the network</html>' }],
  ])('is sent once to a vendor %s', async (_name, reply) => {
    const { sent, prompts } = await warmUp([reply]);
    expect(sent).toMatchObject({ result: 'failed', reason: expect.stringMatching(/^claude reports: API Error/) });
    expect(prompts).toHaveLength(1);
  });

  test('renews an expired login first, and then sends one prompt', async () => {
    const { sent, prompts, isAlive } = await warmUp([answered()], { left: -60_000 });
    expect(sent.result).toBe('answered');
    expect(prompts).toHaveLength(1);
    expect(await isAlive()).toBe(true);
  });

  test('is sent again only if the vendor does not take the login, after a renewal', async () => {
    const { sent, prompts, isAlive } = await warmUp([refusal(401, 'OAuth token has expired.'), answered()]);
    expect(sent.result).toBe('answered');
    expect(new Set(prompts.map(({ headers }) => headers.authorization)).size).toBe(2);
    expect(prompts).toHaveLength(2);
    expect(await isAlive()).toBe(true);
  });
});

const TEXT = { used: 'some', resetsAt: 'soon' };
const NOT_ALLOWED = 'OAuth authentication is currently not allowed for this organization.';
const NO_CREDIT =
  'Your credit balance is too low to access the Anthropic API. ' +
  'Please go to Plans & Billing to upgrade or purchase credits.';

const TYPES: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  429: 'rate_limit_error',
};
const refusal = (status: number, text: string, headers = {}): Reply => ({
  status,
  text,
  headers,
  type: TYPES[status] ?? 'invalid_request_error',
});
