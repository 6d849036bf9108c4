import type { Handlers } from '../../../sdk/contract/rpc.ts';
import type { SignIns } from '../../sign-in/sign-ins.ts';

type Deps = { readonly signIns: Pick<SignIns, 'start' | 'answer' | 'cancel'> };

export const loginHandlers = ({ signIns }: Deps): Handlers<'login'> => ({
  'login/start': (params, client) => signIns.start(params, client),
  'login/answer'(params, client) {
    signIns.answer(params, client);
    return null;
  },
  'login/cancel'(params, client) {
    signIns.cancel(params, client);
    return null;
  },
});
