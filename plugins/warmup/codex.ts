import { realWait, type Wait } from '../../sdk/recipes/store/json-store.ts';
import { OTHER_CREDENTIALS, promptArgs, type Prompt } from './codex-command.ts';
import { endingOf, type Ending } from './codex-events.ts';
import { begunWindows, readLimits } from './codex-limits.ts';
import { askCodex, askForPrompt, GRACE_MS } from './codex-server.ts';
import type { UsageWindow } from '../../sdk/contract/rpc.ts';
import type { Driver, DriverContext } from './driver.ts';

const LIMIT_MS = 120_000;
/** Long enough to see whether a reset moves on with the clock. */
const BETWEEN_LOOKS_MS = 6_000;

/** Begins a usage window with `codex exec`. Codex's own server reports the windows. */
export const createCodexDriver = (wait: Wait = realWait): Driver => ({
  costOf: model => ({
    command: ['codex', ...promptArgs({ model: model ?? '<the smallest that codex lists>' })],
    tokens:
      'About 8,000 with the small model that codex 0.171 lists, and 11,000 with its default. Nearly all of them are ' +
      'the instructions and tools that codex adds, and your own AGENTS.md in the folder of codex comes on top.',
    terms:
      'As we read them: OpenAI documents codex exec for scripts and scheduled jobs. A warm-up uses a little of the ' +
      'limits of the plan, as any prompt does. OpenAI forbids bypassing its limits, and we know of no rule on ' +
      'prompts that only begin a window. Read the terms of your plan before you switch it on.',
  }),
  look: context => look(context, wait),
  async send(context) {
    const prompt = await askForPrompt(context);
    if (!prompt) return { result: 'failed', reason: 'Codex did not report its settings. Nothing was sent' };
    const ending = await run(prompt, context);
    return ending.result === 'failed' ? ending : { ...ending, windows: await windowsAfter(context, wait) };
  },
});

/** Once it runs, it may have sent the prompt, even if it is ended. */
async function run(prompt: Prompt, context: DriverContext): Promise<Ending> {
  try {
    const result = await context.exec(context.program, promptArgs(prompt), {
      env: { ...OTHER_CREDENTIALS, ...context.variables },
      timeoutMs: LIMIT_MS,
      graceMs: GRACE_MS,
      signal: context.signal,
    });
    return endingOf(result);
  } catch (error) {
    if (!context.signal.aborted) throw error;
    return { result: 'failed', reason: 'Codex was ended before it had finished' };
  }
}

/** The windows that have begun. Undefined if codex does not say. */
const look = (context: DriverContext, wait: Wait): Promise<readonly UsageWindow[] | undefined> =>
  askCodex(context, async ask => {
    const read = async () => {
      const answer = await ask('account/rateLimits/read');
      return answer === undefined ? undefined : readLimits(answer, context.now());
    };
    const before = await read();
    if (!before?.length) return before;
    await wait(BETWEEN_LOOKS_MS);
    const after = await read();
    return after && begunWindows([before, after], BETWEEN_LOOKS_MS);
  });

/** The prompt has been sent, also if this fails. */
async function windowsAfter(context: DriverContext, wait: Wait): Promise<readonly UsageWindow[]> {
  try {
    return (await look(context, wait)) ?? [];
  } catch (error) {
    context.log.warn({ error }, 'The windows cannot be read after a prompt');
    return [];
  }
}

export const codexDriver: Driver = createCodexDriver();
