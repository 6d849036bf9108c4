import type { Handlers } from '../../../sdk/contract/rpc.ts';
import type { Fleet } from '../../fleet/fleet.ts';
import type { RemoteCalls } from '../../fleet/remote-calls.ts';
import type { SignIns } from '../../sign-in/sign-ins.ts';

type Deps = {
  readonly fleet: Pick<Fleet, 'list' | 'history' | 'current'>;
  readonly remoteCalls: Pick<RemoteCalls, 'refresh' | 'login'>;
  readonly signIns: Pick<SignIns, 'start'>;
};

export const fleetHandlers = ({ fleet, remoteCalls, signIns }: Deps): Handlers<'fleet'> => ({
  'fleet/list': () => fleet.list(),
  'fleet/history': params => fleet.history(params),
  'fleet/refresh': async params => remoteCalls.refresh(await fleet.current(), params),
  'fleet/login': async ({ machine, ...params }, client) => {
    const current = await fleet.current();
    const isHere = machine === current.plugin.machine;
    return isHere ? signIns.start(params, client) : remoteCalls.login(current, { machine, ...params }, client);
  },
});
