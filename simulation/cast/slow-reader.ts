import { Duplex } from 'node:stream';
import { RPC_PATH } from '../../server/authorize.ts';
import { calls } from '../node/fs.ts';
import { serverOf } from '../node/network.ts';
import type { Machine } from '../world/machine.ts';
import { Program } from '../world/program.ts';
import { ENDPOINT } from '../scene/household.ts';
import { ENV, type Daemon } from './daemon.ts';

const ASKS_EVERY_MS = 200;
const TEXT_FRAME = 0x81;
const MASKED_WITH_TWO_BYTES_OF_LENGTH = 0x80 | 126;
/** A mask of zeros leaves the content as it is. */
const MASK = Buffer.alloc(4);

/** A client that connects to the real server of a daemon, asks a lot, and reads nothing. */
export class SlowReader {
  readonly program: Program;
  /** How much waited in the daemon at most, in bytes. */
  mostWaiting = 0;
  isCutOff = false;
  #asked = 0;

  constructor(
    machine: Machine,
    private readonly daemon: Daemon,
  ) {
    this.program = new Program(machine, 'slow-reader', { ...ENV });
  }

  /** Connects, unless the daemon does not run. */
  run(): void {
    const server = this.daemon.program && serverOf(this.daemon.program);
    if (!server) return this.program.kill();
    const { url, token } = JSON.parse(String(calls(this.program).readFile(ENDPOINT, 'utf8'))) as Endpoint;
    const socket = this.#socket();
    server.emit('upgrade', upgrade(new URL(url).port, token, this.program), socket, Buffer.alloc(0));
    const ask = (): void => {
      if (this.isCutOff || !this.daemon.program?.isAlive) return this.program.kill();
      socket.push(
        frame({ jsonrpc: '2.0', id: (this.#asked += 1), method: 'session/history', params: { limit: 1_000 } }),
      );
      this.mostWaiting = Math.max(this.mostWaiting, socket.writableLength);
      this.program.after(ASKS_EVERY_MS, ask);
    };
    this.program.after(ASKS_EVERY_MS, ask);
  }

  /** What the server writes waits in it, because nothing is read. */
  #socket(): Duplex {
    const socket = new Duplex({
      read: () => undefined,
      write: () => undefined,
      destroy: (_error, done) => {
        this.isCutOff = true;
        done(null);
      },
    });
    return Object.assign(socket, { setTimeout: () => socket, setNoDelay: () => socket, remoteAddress: '127.0.0.1' });
  }
}

type Endpoint = { readonly url: string; readonly token: string };

function upgrade(port: string, token: string, program: Program): object {
  const headers = {
    host: `127.0.0.1:${port}`,
    connection: 'Upgrade',
    upgrade: 'websocket',
    authorization: `Bearer ${token}`,
    'sec-websocket-key': program.random.bytes(16).toString('base64'),
    'sec-websocket-version': '13',
  };
  return { method: 'GET', url: RPC_PATH, headers, rawHeaders: Object.entries(headers).flat() };
}

function frame(message: object): Buffer {
  const content = Buffer.from(JSON.stringify(message).padEnd(200));
  const head = Buffer.from([TEXT_FRAME, MASKED_WITH_TWO_BYTES_OF_LENGTH, content.length >> 8, content.length & 255]);
  return Buffer.concat([head, MASK, content]);
}
