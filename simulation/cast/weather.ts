import { systemError } from '../world/disk.ts';
import type { Program } from '../world/program.ts';
import type { Random } from '../world/random.ts';
import type { Exchange, Vendor } from './vendor.ts';

/** What happens to a request. */
export type Fate =
  | 'answered'
  /** The vendor never gets it, and the connection breaks. */
  | 'lost-before'
  /** The vendor has renewed the login, but its answer is lost. */
  | 'lost-after'
  | 'silence-before'
  | 'silence-after'
  | 'unavailable'
  | 'limited'
  | 'portal';

const REPLIES: Partial<Record<Fate, { readonly status: number; readonly type: string; readonly body: string }>> = {
  unavailable: { status: 503, type: 'text/plain', body: 'Service Unavailable' },
  limited: { status: 429, type: 'application/json', body: '{"error":"slow_down"}' },
  portal: { status: 200, type: 'text/html', body: '<html>Sign in to the network</html>' },
};

/** An answer of an endpoint to what it has no answer to. */
const NOT_ALLOWED = () => ({ status: 405, body: '', made: undefined });

/** The refresh token in a request, which is a form or JSON. */
const tokenIn = (body: string): string =>
  (body.startsWith('{')
    ? (JSON.parse(body) as { readonly refresh_token?: string }).refresh_token
    : new URLSearchParams(body).get('refresh_token')) ?? '';

/** The network between the machines and the vendor. */
export class Weather {
  /** The fate of each request; the last one stays. */
  fates: Fate[] = ['answered'];

  constructor(
    private readonly vendor: Vendor,
    private readonly random: Random,
  ) {}

  /** Called when a request is sent that is not answered as it should be. */
  onUnfair: () => void = () => undefined;

  /** `fetch` of a program. */
  fetchOf(program: Program): typeof globalThis.fetch {
    const by = `${program.machine.name}/${program.name}`;
    return (_url, init) => {
      const sender = { by, pid: program.pid, sentAt: program.machine.timeline.now };
      const send = () => this.vendor.exchange(tokenIn(String(init?.body)), sender);
      return this.#carry(program, init?.signal ?? undefined, init?.method === 'HEAD' ? NOT_ALLOWED : send);
    };
  }

  #carry(
    program: Program,
    signal: AbortSignal | undefined,
    send: () => { readonly status: number; readonly body: string; readonly made: Exchange | undefined },
  ): Promise<Response> {
    const { machine } = program;
    const fate = this.fates.length > 1 ? (this.fates.shift() ?? 'answered') : (this.fates[0] ?? 'answered');
    if (fate !== 'answered') this.onUnfair();
    return abortable(program, signal, (resolve, reject) => {
      const fail = (code: string, syscall: string) =>
        reject(new TypeError('fetch failed', { cause: systemError(code, syscall) }));
      if (signal?.aborted) return reject(signal.reason);
      if (!machine.isOnline) return void program.after(5, () => fail('ENETUNREACH', 'connect'));
      // What was sent arrives, also if the program that sent it has ended.
      machine.timeline.after(this.random.between(20, 200), () => {
        if (machine.isAsleep || !machine.isOnline || fate === 'lost-before')
          return void program.after(50, () => fail('ECONNRESET', 'read'));
        if (fate === 'silence-before') return;
        const reply = REPLIES[fate];
        const { status, body, made } = reply ? { ...reply, made: undefined } : send();
        if (fate === 'silence-after') return;
        program.after(this.random.between(20, 200), () => {
          if (fate === 'lost-after' || !machine.isOnline) return fail('ECONNRESET', 'read');
          if (made) made.isDelivered = true;
          const headers = { 'content-type': reply?.type ?? 'application/json', 'content-length': String(body.length) };
          resolve(new Response(body, { status, headers }));
        });
      });
    });
  }
}

/** A promise that a signal rejects, until it settles or its program ends. Node keeps a signal that has listeners. */
async function abortable<T>(
  program: Program,
  signal: AbortSignal | undefined,
  work: (resolve: (value: T) => void, reject: (reason: unknown) => void) => void,
): Promise<T> {
  let letGo = (): void => undefined;
  const promise = new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(signal?.reason);
    signal?.addEventListener('abort', onAbort);
    letGo = () => signal?.removeEventListener('abort', onAbort);
    work(resolve, reject);
  });
  const forget = program.onEnd(letGo);
  try {
    return await promise;
  } finally {
    forget();
    letGo();
  }
}
