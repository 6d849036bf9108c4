import { isRecord } from '../../sdk/base/json.ts';
import type { Product } from '../product.ts';
import type { FleetDatabase } from '../fleet/database.ts';
import { pgOf } from '../node/pg.ts';
import { execaOf, type Installed } from '../node/children.ts';
import type { Machine } from '../world/machine.ts';
import { Moments } from '../scene/moments.ts';
import { Program } from '../world/program.ts';
import type { Weather } from './weather.ts';

/** The environment of all programs. */
export const ENV = { HOME: '/home/user', PATH: '/usr/bin', TZ: 'UTC', PWD: '/home/user' };

/** What a daemon in the same process is reached through. */
type Channel = {
  readonly send: (message: unknown) => void;
  readonly onMessage: (listener: (message: unknown) => void) => void;
};

/** A notification of a daemon to its clients. */
export type Notification = {
  readonly daemon: Daemon;
  readonly method: string;
  readonly params: Record<string, unknown>;
};

export type DaemonEvents = {
  readonly onNotification: (notification: Notification) => void;
  /** Everything that a client was sent. */
  readonly onMessage: (text: string, daemon: Daemon) => void;
  readonly onStarted: (daemon: Daemon) => void;
  readonly onRefused: (daemon: Daemon, error: unknown) => void;
  /** It has ended by itself. */
  readonly onExit: (daemon: Daemon) => void;
};

export type DaemonOptions = {
  readonly machine: Machine;
  readonly product: Product;
  readonly weather: Weather;
  /** The programs that it can start. */
  readonly installed: Installed;
  /** The database of its fleet. */
  readonly database: FleetDatabase;
};

/** The daemon of a machine: its real code, in a program that can be ended, started again and asked. */
export class Daemon {
  program: Program | undefined;
  startedAt = 0;
  /** How often the disk had refused to write when it was last started. */
  refusalsBefore = 0;
  isUp = false;
  readonly moments: Moments;
  #channel: Channel | undefined;
  #asked = 0;
  readonly #answers = new Map<number, (message: Record<string, unknown>) => void>();

  constructor(
    private readonly options: DaemonOptions,
    private readonly events: DaemonEvents,
  ) {
    const soon = (run: () => void) => void this.machine.timeline.after(0, run);
    this.moments = new Moments(soon, () => this.program?.kill());
  }

  get machine(): Machine {
    return this.options.machine;
  }

  /** Starts it, if it does not run. */
  start(): void {
    if (this.program?.isAlive) return;
    const { machine, product, weather, installed, database } = this.options;
    const program = new Program(machine, 'keepalived', { ...ENV });
    program.interrupt = this.moments.interrupt;
    this.refusalsBefore = machine.disk.refusals;
    this.program = program;
    program.onEnd(() => this.#ended());
    program.onExit = () => this.events.onExit(this);
    const { startDaemon } = product.load(program, weather.fetchOf(program), {
      execa: execaOf(program, installed),
      pg: pgOf(program, database),
    });
    void startDaemon({}).then(
      kernel => this.#started(program, kernel),
      (error: unknown) => {
        program.kill();
        this.events.onRefused(this, error);
      },
    );
  }

  /** Calls a method. Resolves with undefined if the daemon refuses, and never if it ends. */
  ask(method: string, params: object = {}): Promise<unknown> {
    const { program } = this;
    return new Promise(resolve => {
      if (!this.#channel || !program?.isAlive) return;
      const id = (this.#asked += 1);
      this.#answers.set(id, message => resolve(message['result']));
      this.#channel.send({ jsonrpc: '2.0', id, method, params });
    });
  }

  #started(program: Program, kernel: { readonly connect: () => Channel; readonly stopped: Promise<void> }): void {
    if (!program.isAlive) return;
    const channel = kernel.connect();
    channel.onMessage(message => {
      if (program.isAlive) this.#receive(message);
    });
    this.#channel = channel;
    this.isUp = true;
    this.startedAt = this.machine.timeline.now;
    void kernel.stopped.then(() => program.exit());
    this.events.onStarted(this);
  }

  #receive(message: unknown): void {
    this.events.onMessage(JSON.stringify(message), this);
    if (!isRecord(message)) return;
    const { id, method, params } = message;
    if (typeof method === 'string' && isRecord(params)) this.events.onNotification({ daemon: this, method, params });
    if (typeof id === 'number') {
      this.#answers.get(id)?.(message);
      this.#answers.delete(id);
    }
  }

  #ended(): void {
    this.isUp = false;
    this.#channel = undefined;
    this.#answers.clear();
  }
}
