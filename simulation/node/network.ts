import { EventEmitter } from 'node:events';
import { systemError } from '../world/disk.ts';
import type { Program } from '../world/program.ts';

const servers = new WeakMap<Program, EventEmitter>();

/** The server of a program, which clients on its machine connect to. */
export const serverOf = (program: Program): EventEmitter | undefined => servers.get(program);

/** `http.createServer` and `http.request` on the loopback of one machine. Nothing but the daemon listens there. */
export function httpOf(program: Program, real: object): object {
  const { ports } = program.machine;

  class Server extends EventEmitter {
    #port = 0;
    maxHeadersCount = 0;
    maxRequestsPerSocket = 0;

    listen(port: number, _host: string, listening: () => void): this {
      const wanted = port || 20_000 + program.random.below(40_000);
      program.after(0.1, () => {
        if (ports.has(wanted)) return void this.emit('error', systemError('EADDRINUSE', 'listen'));
        ports.set(wanted, program);
        this.#port = wanted;
        servers.set(program, this);
        listening();
      });
      return this;
    }

    address = () => ({ port: this.#port, address: '127.0.0.1', family: 'IPv4' });
    closeAllConnections = () => undefined;
    unref = () => this;

    close(closed?: () => void): this {
      if (ports.get(this.#port) === program) ports.delete(this.#port);
      program.after(0.1, () => closed?.());
      return this;
    }
  }

  return {
    ...real,
    createServer: () => new Server(),
    request: ({ port }: { readonly port: number }) => {
      const asked = Object.assign(new EventEmitter(), { end: () => undefined, destroy: () => undefined });
      // A living daemon is found by its process. What asks is refused, or waits until its limit.
      if (!ports.has(port))
        program.after(0.2, () => {
          asked.emit('error', systemError('ECONNREFUSED', 'connect'));
          asked.emit('close');
        });
      return asked;
    },
  };
}
