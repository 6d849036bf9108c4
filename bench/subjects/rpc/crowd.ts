import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Address, Measured } from './servers.ts';

export type Command =
  | { readonly open: number; readonly address: Address }
  /** Waits until every client has a notification about this session. */
  | { readonly watch: string };

export type Report =
  | 'opened'
  | 'watching'
  /** When each client had it, by the shared clock. */
  | { readonly arrivals: readonly number[] };

/** More than one, because their clients read one after another, which is part of the measured time. */
const PROCESSES = 2;

/** Clients of a server that receive its notifications, in processes of their own. */
export class Crowd {
  readonly #processes = Array.from({ length: PROCESSES }, () =>
    fork(fileURLToPath(new URL('listeners.js', import.meta.url)), { execArgv: [] }),
  );
  #size = 0;

  constructor(private readonly server: Measured) {}

  /** Opens clients until there are this many, shared among the processes. */
  async grow(size: number): Promise<void> {
    const { url, headers, greeting } = this.server;
    const address = { url, headers, ...(greeting !== undefined && { greeting }) };
    for (const [index, child] of this.#processes.entries())
      await ask(child, { open: Math.floor((size + PROCESSES - 1 - index) / PROCESSES), address });
    this.#size = size;
  }

  /** Waits for a notification about a session. Returns when each client had it, once all have. */
  async expect(session: string): Promise<() => Promise<readonly number[]>> {
    const used = this.#processes.slice(0, this.#size);
    for (const child of used) await ask(child, { watch: session });
    const reports = Promise.all(used.map(async child => (await once(child, 'message')) as [Report]));
    return async () => (await reports).flat().flatMap(report => (typeof report === 'object' ? report.arrivals : []));
  }

  leave(): void {
    for (const child of this.#processes) child.disconnect();
  }
}

async function ask(child: ChildProcess, command: Command): Promise<void> {
  const answered = once(child, 'message');
  child.send(command);
  await answered;
}
