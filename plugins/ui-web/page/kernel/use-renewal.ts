import { useEffect, useState } from 'preact/hooks';
import { retryAtOf } from '../format/error.ts';
import { describeRefresh, isShortWait, vendorWait } from '../format/refresh.ts';
import type { Instant, Session } from '../../../../sdk/contract/session.ts';
import type { Request } from './live.ts';
import { useRequest, type Message } from './use-kernel.ts';

export type Renewal = {
  readonly busy: boolean;
  readonly message: Message | undefined;
  /** When the renewal that the user asked for begins. */
  readonly startsAt: Instant | undefined;
  /** Whether a check has found that no renewal is due, so that one can be forced. */
  readonly offered: boolean;
  check(): Promise<void>;
  renew(): Promise<void>;
  cancel(): void;
};

/**
 * A check or a renewal that the user asks for, on another machine if one is given. A renewal that comes too early is
 * made as soon as it may be.
 */
export function useRenewal(id: string, machine: string | undefined): Renewal {
  const { busy, message, send } = useRequest();
  const [startsAt, setStartsAt] = useState<Instant>();
  const [offered, setOffered] = useState(false);
  const refresh = (request: Request, force: boolean) =>
    machine === undefined
      ? request('session/refresh', { id, force })
      : request('fleet/refresh', { machine, id, force });
  const renew = async () => {
    setStartsAt(undefined);
    const answer = await send(
      request =>
        refresh(request, true).catch((error: unknown) => {
          const retryAt = retryAtOf(error);
          if (retryAt === undefined) throw error;
          if (!isShortWait(retryAt, Date.now())) throw new Error(vendorWait(retryAt, Date.now()));
          return retryAt;
        }),
      // The wait has its own countdown.
      result => (typeof result === 'number' ? '' : describeRefresh(result)),
    );
    if (typeof answer === 'number') setStartsAt(answer);
  };
  useEffect(() => {
    if (startsAt === undefined) return undefined;
    const timer = setTimeout(() => void renew(), Math.max(0, startsAt - Date.now()));
    return () => clearTimeout(timer);
  }, [startsAt]);
  return {
    busy,
    message,
    startsAt,
    offered,
    async check() {
      setStartsAt(undefined);
      const after: Session | undefined = await send(request => refresh(request, false), describeRefresh);
      if (after?.lastAttempt?.outcome === 'fresh') setOffered(true);
    },
    renew,
    cancel: () => setStartsAt(undefined),
  };
}
