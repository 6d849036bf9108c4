import { useEffect, useRef, useState } from 'preact/hooks';
import { isKeepaliveError } from '../../../../sdk/contract/errors.ts';
import type { LoginState, StartedLogin } from '../../../../sdk/contract/rpc.ts';
import type { Session } from '../../../../sdk/contract/session.ts';
import { isLoginOver } from '../../../../sdk/wording/sign-in.ts';
import { describeError } from '../format/error.ts';
import type { SignInChange } from './model.ts';
import { useKernel } from './use-kernel.ts';

type Options = {
  readonly session: Session;
  /** Undefined for this machine. */
  readonly machine: string | undefined;
  readonly isAsked: boolean;
  /** The last change of any sign-in of this page. */
  readonly change: SignInChange | undefined;
  /** How often the page has connected. */
  readonly connects: number;
};

export type SignIn = {
  readonly started: StartedLogin | undefined;
  /** Undefined until it is started. */
  readonly state: LoginState | undefined;
  readonly begin: () => void;
  readonly answer: (text: string) => Promise<unknown>;
  readonly cancel: () => Promise<unknown>;
};

/** A sign-in of this page. When a lost connection is back, the page follows it again. */
export function useSignIn({ session, machine, isAsked, change, connects }: Options): SignIn {
  const { id } = session;
  const { request } = useKernel();
  const [started, setStarted] = useState<StartedLogin>();
  /** What happened to it without a change from the daemon. */
  const [own, setOwn] = useState<LoginState>();
  const latest = useRef(session);
  latest.current = session;
  const [wasAlive] = useState(isAlive(session));
  const state = own ?? (started && change?.login === started.login ? change.state : undefined);
  const login = started?.login ?? '';
  const ask = async (params: { readonly login?: string }) => {
    setOwn({ name: 'starting' });
    try {
      const start = { id, device: true, ...params };
      setStarted(
        await (machine === undefined ? request('login/start', start) : request('fleet/login', { ...start, machine })),
      );
      setOwn(undefined);
    } catch (error) {
      const isGone = isKeepaliveError(error) && error.code === 'KA_LOGIN_NOT_FOUND';
      if (isGone) setOwn(isAlive(latest.current) && !wasAlive ? { name: 'done' } : MISSED);
      else setOwn({ name: 'failed', code: '', message: describeError(error, Date.now()) });
    }
  };
  useEffect(() => {
    if (state ? !isLoginOver(state) : isAsked) void ask(started ? { login } : {});
  }, [connects]);
  return {
    started,
    state: state ?? (started && { name: 'starting' }),
    begin: () => void ask({}),
    answer: text => request('login/answer', { login, text }),
    cancel: () => request('login/cancel', { login }),
  };
}

const isAlive = ({ state }: Session): boolean => state.name === 'alive';

const MISSED: LoginState = {
  name: 'failed',
  code: 'KA_LOGIN_NOT_FOUND',
  message: 'The sign-in ended while this page was not connected.',
};
