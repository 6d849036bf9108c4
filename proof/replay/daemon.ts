import { createFiles } from '../../runtime/files/files.ts';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import type { RefreshOutcome } from '../../sdk/contract/outcome.ts';
import type { Files } from '../../sdk/plugin/files.ts';
import type { ProviderContext } from '../../sdk/plugin/provider.ts';
import { redeem } from '../../sdk/recipes/oauth/redeem.ts';
import type { TokenFile } from '../../sdk/recipes/oauth/token-file.ts';
import { gatedFiles } from './files.ts';
import { Gate } from './gate.ts';

export type DaemonParts = {
  readonly source: TokenFile;
  readonly journalDir: string;
  readonly now: () => number;
  /** A request with this body arrives at the vendor. Returns what the vendor answers. */
  readonly arrive: (body: string) => Response;
  /** Changes the files that the daemon gets, to see a replay fail. */
  readonly alter?: ((files: Files) => Files) | undefined;
};

const nothing = () => undefined;
const LOG = { debug: nothing, info: nothing, warn: nothing, error: nothing };
const runNothing = async () => {
  throw new Error('A replay runs no programs.');
};

/** The vendor has not looked at the request. */
const busy = () => new Response('', { status: 503, headers: { 'content-length': '0' } });
const lostWith = (code: string) => new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) });

/** The code under test: `redeem` with the real files. It goes on when the trace says so. */
export class Daemon {
  readonly gate = new Gate();
  readonly #context: ProviderContext;
  readonly #opened = new Set<Cleanup>();
  #outcome: string | undefined;
  #ended: Promise<void> | undefined;

  constructor(private readonly parts: DaemonParts) {
    const { source, journalDir, now, alter = files => files } = parts;
    const files = createFiles({ userHome: undefined, journalDir });
    this.#context = {
      signal: new AbortController().signal,
      log: LOG,
      files: alter(gatedFiles(files, this.gate, { file: source.file, journalDir, opened: this.#opened })),
      env: {},
      which: async () => undefined,
      now,
      conceal: nothing,
      fetch: this.#fetch,
      exec: runNothing,
      pty: runNothing,
      processes: async () => [],
      reason: 'schedule',
      force: false,
      refreshBefore: 300_000,
    };
  }

  /** What the attempt established; undefined while it is under way. */
  get outcome(): string | undefined {
    return this.#outcome;
  }

  /** The system closes the files of a process that has ended. */
  async end(): Promise<void> {
    for (const close of this.#opened) await close();
  }

  /** Begins an attempt. `force`: the user asks for it, due or not. */
  begin(force: boolean): void {
    this.#outcome = undefined;
    this.#opened.clear();
    const context = { ...this.#context, force };
    this.#ended = redeem(this.parts.source, context, async () => undefined).then(
      outcome => void (this.#outcome = nameOf(outcome)),
      () => void (this.#outcome = 'failed'),
    );
  }

  /** Resolves when the attempt waits for the trace, or has ended. */
  async rest(): Promise<void> {
    await Promise.race([this.gate.arrival(), this.#ended]);
  }

  readonly #fetch: ProviderContext['fetch'] = async (_url, request) => {
    const how = await this.gate.pass('send');
    if (how === 'unreached') throw lostWith('ECONNREFUSED');
    const answer = how === 'busies' ? busy() : how === 'sends' ? this.parts.arrive(String(request?.body)) : undefined;
    if ((await this.gate.pass('answer')) === 'loses' || !answer) throw lostWith('ECONNRESET');
    return answer;
  };
}

const HELD = 'Another program holds the lock of the credential.';

function nameOf(outcome: RefreshOutcome): string {
  if (outcome.status === 'deferred') return outcome.reason === HELD ? 'held' : 'deferred';
  return { refreshed: 'renewed', 'login-required': 'signin' }[String(outcome.status)] ?? outcome.status;
}
