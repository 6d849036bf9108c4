import type { Cleanup } from '../../sdk/base/cleanup.ts';
import { joined } from '../../sdk/base/in-turn.ts';
import type { Peer } from '../../sdk/plugin/fleet.ts';
import type { Connection } from './connection.ts';
import { PEERS } from './statements.ts';

/** Through some poolers no notice arrives, and a person waits for each step. */
const LOOK_MS = 1_000;

export type PeerRow = {
  readonly machine: string;
  readonly run: string;
  readonly is_alive: boolean;
  readonly now: number;
  readonly has_letters: boolean;
};

type Attended = {
  readonly peer: Peer;
  readonly onSilent: () => void;
  /** Aborted when this machine was silent for others, which then have ended the conversation. */
  readonly lost: AbortSignal;
};

/** While this machine converses with others, looks every second for letters, and whether the others are there. */
export class Attention {
  readonly #attended = new Set<Attended>();
  #timer: NodeJS.Timeout | undefined;

  readonly #connection: Peer & Pick<Connection, 'query' | 'validity'>;
  readonly #onLetters: () => void;

  constructor(connection: Peer & Pick<Connection, 'query' | 'validity'>, onLetters: () => void) {
    this.#connection = connection;
    this.#onLetters = onLetters;
  }

  attend(peer: Peer, onSilent: () => void): Cleanup {
    const attended = { peer, onSilent, lost: this.#connection.validity.lost };
    this.#attended.add(attended);
    this.#timer ??= setInterval(() => void this.#look(), LOOK_MS).unref();
    return () => this.#end(attended);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#attended.clear();
  }

  #end(attended: Attended): void {
    this.#attended.delete(attended);
    if (this.#attended.size === 0) this.stop();
  }

  readonly #look = joined(async (): Promise<void> => {
    const { machine, run, validity } = this.#connection;
    const asked = [...this.#attended];
    try {
      const others = [...new Set(asked.map(({ peer }) => peer.machine))];
      const rows = await this.#connection.query<PeerRow>(PEERS, [machine, run, others]);
      if (rows.some(row => row.has_letters)) this.#onLetters();
      this.#note(asked, ({ peer }) => rows.some(row => isSame(row, peer) && row.is_alive));
    } catch {
      // The heartbeat notes the trouble.
    }
    this.#note(asked, ({ lost }) => validity.isValid() && !lost.aborted);
  });

  #note(asked: readonly Attended[], isThere: (attended: Attended) => boolean): void {
    for (const attended of asked) {
      if (!this.#attended.has(attended) || isThere(attended)) continue;
      this.#end(attended);
      attended.onSilent();
    }
  }
}

const isSame = (row: PeerRow, { machine, run }: Peer): boolean => row.machine === machine && row.run === run;
