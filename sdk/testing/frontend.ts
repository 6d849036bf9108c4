import type { KeepaliveClient } from '../client/create-client.ts';
import { KeepaliveError } from '../contract/errors.ts';
import type { Cleanup } from '../base/cleanup.ts';
import { isRecord } from '../base/json.ts';
import type { FrontendContext, FrontendPlugin } from '../plugin/frontend.ts';
import { fakeContext, type FakeContext } from './context.ts';
import { run, thrown, type Running, type TestCheck } from './run.ts';

const EMPTY = 'the daemon keeps no session';

type Read = Parameters<FrontendContext['serve']>[0];

/** What a frontend holds of the kernel. */
type Held = { readonly listeners: Set<object>; readonly alarms: Set<object>; readonly pages: Set<Read> };

/** Runs the contract tests of frontends, with a client of a daemon that has nothing. */
export async function checkFrontend(frontend: FrontendPlugin, running: Running): Promise<readonly TestCheck[]> {
  const held: Held = { listeners: new Set(), alarms: new Set(), pages: new Set() };
  const abort = new AbortController();
  running.began('starts');
  const started = await run(fakeContext({ signal: abort.signal }), running.limitMs, context =>
    frontend.start(contextFor(context, held)),
  );
  const stop = started.value;
  running.began('serves its page');
  const served = await run(started.context, running.limitMs, () => Promise.all([...held.pages].map(read => read())));
  running.began('stops');
  const stopped = await run(started.context, running.limitMs, async () => {
    abort.abort();
    if (typeof stop === 'function') await stop();
  });
  return [
    { name: 'starts', scenario: EMPTY, problem: startProblem(started) },
    {
      name: 'serves a page that begins with index.html, if it serves one',
      scenario: EMPTY,
      problem: pageProblem(served),
    },
    { name: 'stops', scenario: EMPTY, problem: stopped.error === undefined ? undefined : thrown(stopped.error) },
    {
      name: 'leaves nothing behind',
      scenario: EMPTY,
      problem: started.error === undefined ? leftProblem(held) : undefined,
    },
  ];
}

function contextFor(context: FakeContext, { listeners, alarms, pages }: Held): FrontendContext {
  const { log, signal, files, env, now, exec, processes } = context;
  return {
    client: fakeClient(listeners),
    log,
    signal,
    serve: read => holdIn(pages, read),
    machine: { files, env, now, exec, processes, at: () => holdIn(alarms, {}) },
  };
}

function holdIn<T>(held: Set<T>, item: T): Cleanup {
  held.add(item);
  return () => void held.delete(item);
}

const KERNEL = { name: 'session-keepalive', version: '0.0.0', pid: 1, home: '/home/you/.keepalive', startedAt: 0 };

/** A client of a daemon with no session, plugin, notice or page. */
function fakeClient(listeners: Set<object>): KeepaliveClient {
  const listen = () => holdIn(listeners, {});
  const request = async (method: string, ..._params: readonly unknown[]): Promise<never> => {
    const answer: unknown =
      method === 'kernel/info'
        ? { ...KERNEL, configFile: null, sessions: 0, clients: 1, pages: [] }
        : /\/(list|plan|history)$/.test(method)
          ? []
          : undefined;
    if (answer === undefined) throw new KeepaliveError('KA_SESSION_NOT_FOUND', { method });
    return answer as never;
  };
  return {
    origin: undefined,
    request,
    on: listen,
    onNotification: listen,
    onStatus: listen,
    close: () => listeners.clear(),
  };
}

function startProblem({ error, value }: { readonly error?: unknown; readonly value?: unknown }): string | undefined {
  if (error !== undefined) return thrown(error);
  return value === undefined || typeof value === 'function'
    ? undefined
    : 'It returned something other than a function that stops it, or nothing.';
}

function pageProblem({ error, value }: { readonly error?: unknown; readonly value?: unknown }): string | undefined {
  if (error !== undefined) return thrown(error);
  for (const files of Array.isArray(value) ? value : []) {
    if (!(files instanceof Map)) return 'The page is not a Map of files by their path.';
    const index: unknown = files.get('index.html');
    if (!isRecord(index)) return 'The page has no index.html.';
    if (typeof index['type'] !== 'string' || !(index['body'] instanceof Uint8Array))
      return 'index.html needs a text "type" and bytes as "body".';
  }
  return undefined;
}

function leftProblem({ listeners, alarms, pages }: Held): string | undefined {
  if (alarms.size > 0) return 'An alarm of `machine.at` was not cancelled.';
  if (pages.size > 0) return 'A page is still served after the stop: call what `serve` returns.';
  return listeners.size > 0 ? 'A listener of the client was not removed.' : undefined;
}
