import { KeepaliveError } from '../../../sdk/contract/errors.ts';
import type { Handlers } from '../../../sdk/contract/rpc.ts';
import type { Fleet } from '../../fleet/fleet.ts';
import type { RemoteCalls } from '../../fleet/remote-calls.ts';
import type { SignIns } from '../../sign-in/sign-ins.ts';

type Deps = {
  readonly fleet: Pick<Fleet, 'list' | 'history' | 'current'>;
  readonly remoteCalls: Pick<RemoteCalls, 'refresh'>;
  readonly signIns: Pick<SignIns, 'start'>;
};

export const fleetHandlers = ({ fleet, remoteCalls, signIns }: Deps): Handlers<'fleet'> => ({
  'fleet/list': () => fleet.list(),
  'fleet/history': params => fleet.history(params),
  'fleet/refresh': async params => remoteCalls.refresh(await fleet.current(), params),
  'fleet/login': async ({ machine, id, device }, client) => {
    const { plugin } = await fleet.current();
    if (machine === plugin.machine) return signIns.start({ id, device }, client);
    throw new KeepaliveError('KA_FLEET_NOT_ACCEPTED', { machine });
  },
});
