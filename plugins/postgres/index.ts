import type { Acceptable, FleetConnection, FleetContext, FleetPlugin } from '../../sdk/plugin/fleet.ts';
import { toMs } from '../../sdk/contract/duration.ts';
import { checkOptions } from '../../sdk/plugin/options.ts';
import { Connection } from './connection.ts';
import { PostgresDirectory } from './directory.ts';
import { PostgresLease } from './lease.ts';
import { optionsSchema, type PostgresOptions } from './options.ts';
import { Outbox } from './outbox.ts';
import { prune } from './prune.ts';
import { readSecrets } from './secrets.ts';
import { Sender } from './sender.ts';

export type { PostgresOptions } from './options.ts';

/** Connects the machines of a fleet through a PostgreSQL database. */
export default function postgres(options: PostgresOptions): FleetPlugin {
  const checked = checkOptions(optionsSchema, options);
  const { machine, accept = [], lease } = checked;
  const leaseMs = lease && toMs(lease);
  return {
    kind: 'fleet',
    id: 'postgres',
    machine,
    accept,
    open: context => open({ options: checked, accept, leaseMs }, context),
  };
}

type Parts = {
  readonly options: PostgresOptions;
  readonly accept: readonly Acceptable[];
  readonly leaseMs: number | undefined;
};

function open({ options, accept, leaseMs }: Parts, context: FleetContext): FleetConnection {
  const secrets = () => readSecrets(options, context);
  const connection = new Connection({ machine: options.machine, accept, context, secrets, leaseMs });
  const outbox = new Outbox();
  const lease: PostgresLease = new PostgresLease(connection, outbox, () => sender);
  const directory = new PostgresDirectory(connection, outbox, () => sender, context.log);
  const sender = new Sender(connection, outbox, isShared => lease.shown(isShared));
  const stopPruning = prune(connection);
  connection.start();
  return {
    lease,
    directory,
    onTrouble(listener) {
      listener(connection.trouble);
      return connection.onTrouble.add(listener);
    },
    async close() {
      stopPruning();
      sender.stop();
      directory.stop();
      await connection.close();
    },
  };
}
