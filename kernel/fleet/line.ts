import { setTimeout as pause } from 'node:timers/promises';
import { isKeepaliveError } from '../../sdk/contract/errors.ts';
import type { Directory, FleetPlugin, Peer } from '../../sdk/plugin/fleet.ts';
import type { LetterContent } from './letters.ts';

/** What conversations with other machines need of the fleet. */
export type Line = {
  readonly plugin: Pick<FleetPlugin, 'machine' | 'accept'>;
  readonly connection: { readonly directory: Pick<Directory, 'find' | 'send' | 'attend'> };
};

export const isSamePeer = (one: Peer, other: Peer): boolean => one.machine === other.machine && one.run === other.run;

const RETRY_MS = 3_000;
/** Longer than a machine may be silent. */
const TRIES = 40;

/** Sends what must arrive: again and again while the fleet is not reached. Throws if it cannot arrive any more. */
export async function sendSurely({ connection }: Line, to: Peer, letter: LetterContent): Promise<void> {
  for (let left = TRIES; ; left -= 1) {
    try {
      return await connection.directory.send(to, letter);
    } catch (error) {
      if (left <= 1 || !isKeepaliveError(error) || error.code !== 'KA_FLEET_UNREACHABLE') throw error;
      await pause(RETRY_MS, undefined, { ref: false });
    }
  }
}
