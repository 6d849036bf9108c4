import { createContext } from 'preact';
import { useContext, useState } from 'preact/hooks';
import { sayFailure } from './failure.ts';
import type { Request } from './live.ts';

/** The way to the kernel; `live` while it answers. */
export type Kernel = { readonly live: boolean; readonly request: Request };

export const KernelContext = createContext<Kernel>({
  live: false,
  request: () => Promise.reject(new Error('Not connected.')),
});

export const useKernel = (): Kernel => useContext(KernelContext);

export type Asking = {
  readonly busy: boolean;
  /** What came of it; cleared when the next thing is asked. */
  readonly said: { readonly text: string; readonly failed: boolean } | undefined;
  /** Asks, and says what `done` makes of the answer. Resolves with the answer, or with undefined where it failed. */
  ask<T>(question: (request: Request) => Promise<T>, done: (answer: T) => string): Promise<T | undefined>;
};

/** Something that a person asks the kernel for. */
export function useAsking(): Asking {
  const { request } = useKernel();
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState<Asking['said']>();
  return {
    busy,
    said,
    async ask(question, done) {
      setBusy(true);
      setSaid(undefined);
      try {
        const answer = await question(request);
        setSaid({ text: done(answer), failed: false });
        return answer;
      } catch (error) {
        setSaid({ text: sayFailure(error, Date.now()), failed: true });
        return undefined;
      } finally {
        setBusy(false);
      }
    },
  };
}
