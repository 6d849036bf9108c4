import type { Handlers } from '../../../sdk/contract/rpc.ts';
import type { RemoteCalls } from '../../fleet/remote-calls.ts';
import type { SignIns } from '../../sign-in/sign-ins.ts';

type Deps = {
  readonly signIns: Pick<SignIns, 'start' | 'answer' | 'cancel'>;
  readonly remoteCalls: { readonly signIns: Pick<RemoteCalls['signIns'], 'has' | 'answer' | 'cancel'> };
};

export const loginHandlers = ({ signIns, remoteCalls: { signIns: remote } }: Deps): Handlers<'login'> => ({
  'login/start': (params, client) => signIns.start(params, client),
  async 'login/answer'(params, client) {
    await (remote.has(params.login) ? remote : signIns).answer(params, client);
    return null;
  },
  async 'login/cancel'(params, client) {
    await (remote.has(params.login) ? remote : signIns).cancel(params, client);
    return null;
  },
});
