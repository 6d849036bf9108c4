import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { Files, Replacement } from '../../sdk/plugin/files.ts';
import type { Exec } from '../../sdk/plugin/process.ts';
import type { InspectContext, ProviderContext } from '../../sdk/plugin/provider.ts';
import type { KernelSide, Peer } from './protocol.ts';

/** Says to the kernel what must not be cut off. Throws where this process is about to be ended: then it must not begin. */
export type Hold = () => Promise<() => void>;

/** What must not be cut off at the moment. What belongs to it may begin although the kernel has given up, or is gone. */
export class Holds {
  /** How many there are, for the watchdog's thread to see. */
  readonly shared = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

  constructor(
    private readonly kernel: Peer<KernelSide>,
    private readonly onFree: () => void,
  ) {}

  get count(): number {
    return Atomics.load(this.shared, 0);
  }

  readonly begin: Hold = async () => {
    if (this.count === 0 && (await this.kernel.request('hold', {})) !== true)
      throw new KeepaliveError('KA_PLUGIN_TIMEOUT', { reason: 'its time was up before it began' });
    Atomics.add(this.shared, 0, 1);
    let isHeld = true;
    return () => {
      if (isHeld) this.#release();
      isHeld = false;
    };
  };

  #release(): void {
    Atomics.sub(this.shared, 0, 1);
    Atomics.notify(this.shared, 0);
    if (this.count > 0) return;
    this.kernel.notify('release', {});
    this.onFree();
  }
}

/** The files of a look, of which the kernel watches those that the plugin only wants to be told of. */
export const withFiles = <C extends InspectContext>(context: C, files: Partial<Files>): C => ({
  ...context,
  files: { ...context.files, ...files },
});

/**
 * An attempt's context that tells the kernel when a credential is being renewed: a place for the new file was made, a lock is held, a vendor's
 * program runs, or something was sent that may have spent a token. The last holds until the attempt is over, because what was received has to be kept.
 */
export function heldContext(
  context: ProviderContext,
  hold: Hold,
  untilOver: (release: () => void) => void,
): ProviderContext {
  const { files } = context;
  const run =
    (exec: Exec): Exec =>
    async (...given) => {
      const release = await hold();
      return exec(...given).finally(release);
    };
  return {
    ...withFiles(context, {
      prepare: async path => {
        const release = await hold();
        return files.prepare(path).then(
          place => heldPlace(place, release),
          (error: unknown) => {
            release();
            throw error;
          },
        );
      },
      lock: async (path, options) => {
        const release = await hold();
        const unlock = await files.lock(path, options).catch((error: unknown) => {
          release();
          throw error;
        });
        if (!unlock) return void release();
        return async () => {
          await unlock();
          release();
        };
      },
    }),
    exec: run(context.exec),
    pty: run(context.pty),
    fetch: async (input, init) => {
      const method = init?.method ?? (input instanceof Request ? input.method : 'GET');
      if (!/^(get|head|options)$/i.test(method)) untilOver(await hold());
      return context.fetch(input, init);
    },
  };
}

const heldPlace = ({ commit, discard }: Replacement, release: () => void): Replacement => ({
  commit: text => commit(text).finally(release),
  discard: () => discard().finally(release),
});
