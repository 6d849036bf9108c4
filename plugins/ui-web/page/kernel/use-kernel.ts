import { createContext } from 'preact';
import { useContext, useState } from 'preact/hooks';
import { describeError } from '../format/error.ts';
import type { Request } from './live.ts';

/** Requests to the kernel. `live` while it answers. */
export type Kernel = { readonly live: boolean; readonly request: Request };

export const KernelContext = createContext<Kernel>({
  live: false,
  request: () => Promise.reject(new Error('Not connected.')),
});

export const useKernel = (): Kernel => useContext(KernelContext);

export type Message = { readonly text: string; readonly failed: boolean };

export type RequestState = {
  readonly busy: boolean;
  /** The result of the last request. Cleared by the next one. */
  readonly message: Message | undefined;
  /** Sends a request and shows what `describe` makes of the answer. Resolves with undefined if it failed. */
  send<T>(ask: (request: Request) => Promise<T>, describe: (answer: T) => string): Promise<T | undefined>;
};

/** A request that the user makes, with its progress and its result. */
export function useRequest(): RequestState {
  const { request } = useKernel();
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState<Message>();
  return {
    busy,
    message,
    async send(ask, describe) {
      setBusy(true);
      setMessage(undefined);
      try {
        const answer = await ask(request);
        setMessage({ text: describe(answer), failed: false });
        return answer;
      } catch (error) {
        setMessage({ text: describeError(error, Date.now()), failed: true });
        return undefined;
      } finally {
        setBusy(false);
      }
    },
  };
}
