import type { LastOutcome } from '../plugin/provider.ts';

export type Life = {
  readonly expiresAt?: Date | undefined;
  readonly issuedAt?: Date | undefined;
  readonly last?: LastOutcome | undefined;
};

/** When a credential is to be renewed: this long before its expiry, but never in the first half of its life. Undefined where it never says. */
export function dueAt({ expiresAt, issuedAt, last }: Life, refreshBefore: number): number | undefined {
  if (!expiresAt) return undefined;
  const begin =
    issuedAt?.getTime() ?? (last?.expiresAt?.getTime() === expiresAt.getTime() ? last.expirySeenAt : undefined);
  const life = begin === undefined ? Infinity : Math.max(0, expiresAt.getTime() - begin);
  return expiresAt.getTime() - Math.min(refreshBefore, life / 2);
}
