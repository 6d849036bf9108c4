import type { ExecResult } from '../../sdk/plugin/process.ts';
import type { Instant } from '../../sdk/contract/session.ts';
import { readEvents, windowsOf, type Events, type Result } from './claude-events.ts';
import { quote, type Driver, type DriverContext, type Sent } from './driver.ts';

/** claude begins a window with one prompt, and reports it with the answer. It has no way to look that costs nothing. */
export const claude: Driver = {
  costOf: model => ({
    command: ['claude', ...argumentsFor(model)],
    tokens: 'about 300 to 700 by the release of claude: the instructions that it adds, and an answer of one word',
    terms:
      'As we read the terms of Anthropic for consumers, a program may use a plan only if it is Claude Code. Any ' +
      'other needs an API key. `claude -p` is Claude Code. A warm-up uses a little of the 5 hours and of the week ' +
      'that the plan allows. Anthropic may change its terms, and may count `claude -p` apart from the plan.',
  }),
  send,
};

/** The name stands for the newest small model. */
const SMALLEST = 'haiku';

/** Nothing of the user's setup takes part: no tools, MCP servers, settings, hooks, skills, instructions or history. */
const argumentsFor = (model = SMALLEST): readonly string[] =>
  [
    ['-p', '--model', model],
    ['--output-format', 'stream-json', '--verbose'],
    ['--no-session-persistence', '--max-turns', '1'],
    ['--tools', '', '--strict-mcp-config', '--disable-slash-commands'],
    ['--setting-sources', '', '--settings', '{"disableAllHooks":true}'],
    ['--system-prompt', 'Answer with the word OK.', 'Hello'],
  ].flat();

/** Each would let something else than the plan pay for the prompt. */
const OTHER_PAYERS = Object.fromEntries(
  [
    'ANTHROPIC_API_KEY',
    'ANTHROPIC_AUTH_TOKEN',
    'CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR',
    'CLAUDE_CODE_OAUTH_TOKEN',
    'CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR',
    'CLAUDE_CODE_SIMPLE',
    ...['BEDROCK', 'VERTEX', 'FOUNDRY', 'MANTLE', 'ANTHROPIC_AWS', 'ANTHROPIC_GOOGLE_CLOUD'].map(
      cloud => `CLAUDE_CODE_USE_${cloud}`,
    ),
  ].map(name => [name, undefined]),
);

const QUIET = {
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  DISABLE_AUTOUPDATER: '1',
  CLAUDE_CODE_DISABLE_CLAUDE_MDS: '1',
  CLAUDE_CODE_DISABLE_AUTO_MEMORY: '1',
  CLAUDE_CODE_DISABLE_THINKING: '1',
};

/**
 * claude would send the prompt again after a lost connection, a cut answer or a declined one, and each may count. It
 * still asks at once for the rest of an answer that is empty, or lost just before its end, at most three times.
 */
const ONCE = {
  CLAUDE_CODE_MAX_RETRIES: '0',
  CLAUDE_CODE_DISABLE_NONSTREAMING_FALLBACK: '1',
  CLAUDE_CODE_DISABLE_REFUSAL_RETRY: '1',
  CLAUDE_CODE_DISABLE_REFUSAL_FALLBACK: '1',
};

const TIMEOUT_MS = 120_000;
/** claude may be renewing its login. */
const GRACE_MS = 60_000;

async function send({ exec, program, variables, model, signal, now, log }: DriverContext): Promise<Sent> {
  const result = await exec(program, argumentsFor(model), {
    env: { ...OTHER_PAYERS, ...variables, ...QUIET, ...ONCE },
    timeoutMs: TIMEOUT_MS,
    graceMs: GRACE_MS,
    signal,
  });
  const events = readEvents(result.stdout);
  if (events.limits?.isUsingOverage) log.warn('the plan was used up, so that usage credits paid for the prompt');
  return sentOf(result, events, now());
}

function sentOf(result: ExecResult, { limits, end }: Events, now: Instant): Sent {
  const windows = windowsOf(limits, now);
  if (end?.is_error === false) return { result: 'answered', windows };
  const reason = reasonOf(result, end);
  if (end && isRefused(end)) return { result: 'refused', reason, windows };
  // claude reports the limits after a whole answer. One that declines is an error to it, but counts like any other.
  const counted = limits !== undefined && limits.status !== 'rejected' && end?.api_error_status === undefined;
  return counted ? { result: 'answered', windows } : { result: 'failed', reason };
}

/** The vendor answers these before it uses a model. Of a 5xx that is not certain. */
const REFUSED: readonly (number | undefined)[] = [400, 401, 402, 403, 404, 413, 422, 429];

const isRefused = ({ api_error_status: status, total_cost_usd: cost = 0 }: Result): boolean =>
  REFUSED.includes(status) && cost === 0;

function reasonOf({ timedOut, exitCode, stderr }: ExecResult, end: Result | undefined): string {
  const said = end?.result || end?.errors?.join(' ');
  if (said) return `claude reports: ${quote(said)}`;
  if (timedOut) return `claude did not end within ${TIMEOUT_MS / 1_000} seconds.`;
  return [`claude ended with exit code ${exitCode}`, quote(stderr)].filter(Boolean).join(': ');
}
