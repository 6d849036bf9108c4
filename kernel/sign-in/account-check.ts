import type { Inspection } from '../../sdk/contract/outcome.ts';
import { otherAccount, type OtherAccount } from '../../lifecycle/sign-in.ts';
import type { Keeper } from '../session/keeper.ts';
import type { ConfirmedAccounts } from './confirmed-accounts.ts';
import type { LoginStore } from './login-store.ts';

/** Compares the account in the store with the one that counts, and holds the session back while they differ. */
export class AccountCheck {
  constructor(
    private readonly keeper: Pick<Keeper, 'provider' | 'record' | 'holdBack'>,
    private readonly store: Pick<LoginStore, 'before'>,
    private readonly accounts: ConfirmedAccounts,
  ) {}

  other(seen: Inspection | undefined): OtherAccount | undefined {
    return otherAccount(this.accounts.before(this.keeper) ?? this.store.before, seen);
  }

  holdBack(): Promise<void> {
    const { before } = this.store;
    if (before) this.accounts.remember(this.keeper, before);
    return this.keeper.holdBack();
  }

  /** The user keeps the account, or it is the same as before. */
  accept(): void {
    this.accounts.forget(this.keeper);
  }

  /** Why the session is not kept alive with the account in its store, as sentences. */
  heldBack({ after }: OtherAccount): string {
    return (
      `The store holds the login of ${after}, and the session is paused. ` +
      `Sign in again, or run \`keepalive resume ${this.keeper.provider.id}\` to keep this account.`
    );
  }
}
