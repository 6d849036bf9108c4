import { z } from 'zod';
import type { Dialogue } from '../../sdk/plugin/process.ts';
import { parseObject } from '../../sdk/recipes/store/json-store.ts';
import { OTHER_CREDENTIALS, SERVER_ARGS, type Prompt } from './codex-command.ts';
import type { DriverContext } from './driver.ts';

/** Asks codex's own server one question. Undefined if it does not answer, or answers with an error. */
export type Ask = (method: string, params?: object) => Promise<unknown>;

const LIMIT_MS = 60_000;
/** A program that may be renewing its login is not killed before. */
export const GRACE_MS = 60_000;

/** Runs codex's own server for some questions. None of them is a prompt. */
export async function askCodex<T>(context: DriverContext, questions: (ask: Ask) => Promise<T>): Promise<T | undefined> {
  let answer: T | undefined;
  await context.exec(context.program, SERVER_ARGS, {
    env: { ...OTHER_CREDENTIALS, ...context.variables },
    timeoutMs: LIMIT_MS,
    graceMs: GRACE_MS,
    signal: context.signal,
    async talk(dialogue) {
      const ask = asking(dialogue, context);
      const clientInfo = { name: 'session-keepalive', title: null, version: '0' };
      await ask('initialize', { clientInfo, capabilities: null });
      dialogue.send(JSON.stringify({ method: 'initialized', params: {} }));
      answer = await questions(ask);
    },
  });
  return answer;
}

function asking({ lines, send }: Dialogue, { log }: DriverContext): Ask {
  let last = 0;
  return async (method, params) => {
    const id = ++last;
    send(JSON.stringify({ id, method, params }));
    for await (const line of lines) {
      const message = parseObject(line);
      if (message?.['id'] !== id) continue;
      if (message['result'] === undefined) log.debug({ method }, 'Codex answered with an error');
      return message['result'];
    }
    return undefined;
  };
}

const Settings = z.object({ config: z.object({ cli_auth_credentials_store: z.string().nullish() }) });
const Models = z.object({
  data: z.array(z.object({ model: z.string(), hidden: z.boolean().optional() })),
});

/** The words with which OpenAI names small models that use the limits of the plan, and no limits of their own. */
const SMALL = /(?:^|-)(?:nano|mini|luna)(?:-|$)/;

/** Asks what a prompt needs to know. Undefined if codex does not say where it keeps its login. */
export const askForPrompt = (context: DriverContext): Promise<Prompt | undefined> =>
  askCodex(context, async ask => {
    const settings = Settings.safeParse(await ask('config/read', {})).data;
    if (!settings) return undefined;
    const store = settings.config.cli_auth_credentials_store ?? undefined;
    return { store, model: context.model ?? smallest(await ask('model/list', {})) };
  });

/** The newest small model. Undefined if there is none: then codex uses its default. */
export function smallest(answer: unknown): string | undefined {
  const models = Models.safeParse(answer).data?.data ?? [];
  return models.find(({ model, hidden }) => hidden !== true && SMALL.test(model))?.model;
}
