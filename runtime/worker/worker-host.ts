import { Worker } from 'node:worker_threads';
import type { Channel } from '../../sdk/client/channel.ts';
import { EXTENSION } from '../installation.ts';
import { MAX_NOTES } from '../files/journal.ts';
import { createEquipment } from '../context.ts';
import { makePlugin } from '../load-module.ts';
import { Guest } from './worker-plugin.ts';
import { Holds } from './critical-sections.ts';
import { catchConsole, createTeller } from './log-forwarding.ts';
import { createPeer, type KernelSide, type ParamsOf, type Peer, type PluginSide } from './protocol.ts';

/** Takes plugins in, for a kernel at the other end of the channel. */
export const openHouse = (channel: Channel): GuestHouse => new GuestHouse(channel);

/** This process and the plugins in it, until the kernel lets go of them. */
class GuestHouse {
  readonly #kernel: Peer<KernelSide>;
  readonly #holds: Holds;
  readonly #teller: ReturnType<typeof createTeller>;
  readonly #guests = new Map<number, Guest>();
  readonly #stops = new Map<number, AbortController>();
  #isOrphan = false;

  constructor(channel: Channel) {
    this.#kernel = createPeer<PluginSide, KernelSide>(channel, {
      load: order => this.#load(order),
      unload: ({ plugin }) => void this.#guests.delete(plugin),
      refresh: ({ plugin, call, ...facts }) => this.#ask(plugin, call, (guest, signal) => guest.refresh(signal, facts)),
      inspect: ({ plugin, call }) => this.#ask(plugin, call, (guest, signal) => guest.inspect(signal)),
      watch: ({ plugin, call }) => this.#ask(plugin, call, async guest => guest.watch()),
      unwatch: ({ plugin, call }) => this.#ask(plugin, call, guest => guest.unwatch()),
      raise: ({ plugin, call, notice }) =>
        this.#ask(plugin, call, (guest, signal) => guest.carry('raise', notice, signal)),
      clear: ({ plugin, call, notice }) =>
        this.#ask(plugin, call, (guest, signal) => guest.carry('clear', notice, signal)),
      start: ({ plugin, call }) => this.#ask(plugin, call, guest => guest.start()),
      end: ({ plugin, call }) => this.#ask(plugin, call, guest => guest.end()),
      page: ({ plugin, call, page }) => this.#ask(plugin, call, guest => guest.page(page)),
      abort: ({ call }) => this.#stops.get(call)?.abort(),
      rest: () => {
        if (this.#stops.size === 0 && ![...this.#guests.values()].some(guest => guest.hasUnwritten()))
          process.channel?.unref();
      },
      wake: () => process.channel?.ref(),
    });
    this.#holds = new Holds(this.#kernel, () => this.#leaveIfOrphan());
    this.#teller = createTeller(this.#kernel);
    const log = this.#teller.of(0);
    catchConsole(log);
    // What a plugin leaves behind must not cut off what it is at.
    process.on('unhandledRejection', error => log.error({ err: error }, 'a rejection was not handled'));
    process.on('uncaughtException', error => log.error({ err: error }, 'an error was not caught'));
    new Worker(new URL(`./watchdog${EXTENSION}`, import.meta.url), { workerData: this.#holds.shared, execArgv: [] })
      .on('error', error => log.warn({ err: error }, 'nobody watches whether the daemon is still there'))
      .unref();
    channel.onClose(() => this.#orphaned());
  }

  /** The kernel is gone, or lets go: what was sent is written down, nothing else. */
  #orphaned(): void {
    this.#isOrphan = true;
    for (const stop of this.#stops.values()) stop.abort();
    this.#leaveIfOrphan();
  }

  #leaveIfOrphan(): void {
    if (this.#isOrphan && this.#holds.count === 0) process.exit();
  }

  async #load({ plugin: number, entry, origin, home }: ParamsOf<PluginSide['load']>): Promise<unknown> {
    process.channel?.ref();
    const conceal = (secret: string) => this.#kernel.notify('conceal', { secret });
    const plugin = await makePlugin(entry, origin);
    const equipment = createEquipment({ home, env: process.env, conceal, maxNotes: MAX_NOTES });
    const guest = new Guest(plugin, {
      number,
      kernel: this.#kernel,
      hold: this.#holds.begin,
      log: this.#teller.of(number),
      equipment,
      home,
    });
    this.#guests.set(number, guest);
    return guest.face();
  }

  async #ask<T>(plugin: number, call: number, work: (guest: Guest, signal: AbortSignal) => Promise<T>): Promise<T> {
    const guest = this.#guests.get(plugin);
    if (!guest) throw new Error('It is not loaded.');
    const stop = new AbortController();
    this.#stops.set(call, stop);
    this.#teller.refill();
    process.channel?.ref();
    try {
      return await work(guest, stop.signal);
    } finally {
      this.#stops.delete(call);
    }
  }
}
