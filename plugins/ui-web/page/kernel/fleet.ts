import type { KeepaliveClient } from '../../../../sdk/client/create-client.ts';
import { isKeepaliveError } from '../../../../sdk/contract/errors.ts';
import type { FleetMachine } from '../../../../sdk/contract/rpc.ts';
import { clause } from '../../../../sdk/wording/sentence.ts';
import type { FleetView } from './model.ts';
import { throttled } from './throttled.ts';

/** A machine that falls silent announces nothing. */
const AGAIN_MS = 30_000;
/** A large fleet is being read during a tenth of the time at most. */
const REST = 9;

/**
 * Shows what the machines have shown, after every change; undefined without a fleet. While the database is not reached,
 * it is what was known before.
 */
export function followFleet(client: KeepaliveClient, show: (fleet?: FleetView) => void): void {
  let machines: readonly FleetMachine[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const showAgain = (fleet?: FleetView) => {
    show(fleet);
    clearTimeout(timer);
    if (fleet) timer = setTimeout(read, AGAIN_MS);
  };
  const read = throttled(async () => {
    const startedAt = performance.now();
    try {
      machines = await client.request('fleet/list');
    } catch (error) {
      const trouble = troubleIn(error);
      return trouble === undefined ? undefined : showAgain({ machines, trouble });
    }
    showAgain(machines.length > 0 ? { machines } : undefined);
    await new Promise(resolve => setTimeout(resolve, REST * (performance.now() - startedAt)));
  });
  void client.on('fleet/didChange', read);
  void client.on('config/didChange', read);
  void client.onStatus(read);
  read();
}

/** Why the fleet could not be read. Undefined if that is shown elsewhere. */
function troubleIn(error: unknown): string | undefined {
  if (!isKeepaliveError(error) || error.code.startsWith('KA_RPC')) return undefined;
  const { reason } = error.details;
  return typeof reason === 'string' ? `${clause(error.message)}: ${reason}` : error.message;
}
