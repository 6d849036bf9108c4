import { useKernel, useRequest } from './use-kernel.ts';
import type { Request } from './live.ts';
import { readWarmUps } from './warm-ups.ts';

/** A request that changes a warm-up. The page shows the changed ones after it: no notification follows. */
export function useWarmUpRequest() {
  const { request, update } = useKernel();
  const { send, ...rest } = useRequest();
  return {
    ...rest,
    async send<T>(ask: (request: Request) => Promise<T>, done: string): Promise<T | undefined> {
      const answer = await send(ask, () => done);
      if (answer !== undefined) update({ warmUps: await readWarmUps(request) });
      return answer;
    },
  };
}
