import { EventEmitter } from 'node:events';
import type { FleetDatabase } from '../fleet/database.ts';
import type { Program } from '../world/program.ts';

/** The module `pg` of a program, as far as plugins/postgres uses it. */
export function pgOf(program: Program, database: FleetDatabase): object {
  class Pool extends EventEmitter {
    query = async (text: string, values: readonly unknown[] = []) => ({
      rows: await database.query(program, text, values),
    });
    end = async () => undefined;
  }

  /** It only listens. */
  class Client extends EventEmitter {
    readonly host = 'fleet.example';
    #stop: () => void = () => undefined;

    connect = async () => undefined;
    query = async () => {
      this.#stop = await database.listen(program, payload => this.emit('notification', { payload }));
    };
    end = async () => this.#stop();
  }

  return { default: { Pool, Client } };
}
