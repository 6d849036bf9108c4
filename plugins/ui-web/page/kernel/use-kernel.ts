import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import { describeError, problemsOf, type Problem } from '../format/error.ts';
import type { Request } from './live.ts';
import type { Snapshot } from './model.ts';

/** Requests to the kernel. `live` while it answers. */
export type Kernel = {
  readonly live: boolean;
  readonly request: Request;
  /** Shows what a request has returned, where no notification follows. */
  readonly update: (part: Partial<Snapshot>) => void;
  /** Opens the dialog that signs in to a session, of another machine if one is given, and starts the sign-in. */
  readonly signIn: (session: string, machine?: string) => void;
};

export const KernelContext = createContext<Kernel>({
  live: false,
  request: () => Promise.reject(new Error('Not connected.')),
  update: () => undefined,
  signIn: () => undefined,
});

export const useKernel = (): Kernel => useContext(KernelContext);

export type Message = {
  readonly text: string;
  readonly failed: boolean;
  /** What the daemon refuses, by the path of each value. */
  readonly problems?: readonly Problem[];
};

export type RequestState = {
  readonly busy: boolean;
  /** The result of the last request. Cleared by the next one; a success also after some seconds. */
  readonly message: Message | undefined;
  /** Sends a request and shows what `describe` makes of the answer. Resolves with undefined if it failed. */
  send<T>(ask: (request: Request) => Promise<T>, describe: (answer: T) => string): Promise<T | undefined>;
  clear(): void;
};

/** Long enough to be read. The style sheet fades the message at the end of this time. */
const SHOWN_MS = 6_000;

/** A request that the user makes, with its progress and its result. */
export function useRequest(): RequestState {
  const { request } = useKernel();
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState<Message>();
  useEffect(() => {
    if (!message || message.failed) return undefined;
    const timer = setTimeout(() => setMessage(undefined), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [message]);
  return {
    busy,
    message,
    clear: () => setMessage(undefined),
    async send(ask, describe) {
      setBusy(true);
      setMessage(undefined);
      try {
        const answer = await ask(request);
        setMessage({ text: describe(answer), failed: false });
        return answer;
      } catch (error) {
        setMessage({ text: describeError(error, Date.now()), failed: true, problems: problemsOf(error) });
        return undefined;
      } finally {
        setBusy(false);
      }
    },
  };
}
