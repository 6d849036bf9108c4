import type { InspectContext, ProviderContext } from './context.ts';

/** An address that the user opens. A browser there, or another device, finishes the sign-in. */
export type OpenStep = {
  readonly url: string;
  /** What the user enters at the address. */
  readonly userCode?: string | undefined;
  /** When the code ends. */
  readonly expiresAt?: Date | undefined;
};

/** An address that the user opens to get a code, which the sign-in waits for. */
export type CodeStep = {
  readonly url: string;
  /** Why the last code was not accepted, for the user. */
  readonly problem?: string | undefined;
};

/** What a sign-in asks of the user: to open an address, or to open one and bring back a code. */
export type SignInStep = 'open' | 'code';

/** What a sign-in may use. */
export interface SignInContext extends InspectContext, Pick<ProviderContext, 'fetch' | 'exec' | 'pty'> {
  /** The user may have no browser on this machine: prefer a sign-in that can be finished on any device. */
  readonly device: boolean;
  /** Shows an address. Throws `KA_LOGIN_FAILED` if it is not on one of the provider's hosts. */
  readonly show: (step: OpenStep) => Promise<void>;
  /** Shows an address and resolves with the code that the user gets there. Throws as `show` does. */
  readonly ask: (step: CodeStep) => Promise<string>;
}

/**
 * How the user signs in with keepalive's help. It begins only when the user asks for it. The vendor's own program
 * exchanges the code and writes its own store; neither address nor code may be written anywhere or be an argument.
 */
export type SignIn = {
  /** The kind of account, for the user: `Claude account`. */
  readonly account: string;
  /** Hosts of the addresses that may be shown. */
  readonly hosts: readonly string[];
  /** What it asks of the user, in order. */
  readonly steps: {
    /** On this machine. */
    readonly here: readonly SignInStep[];
    /** On any device. */
    readonly device: readonly SignInStep[];
  };
  /**
   * Resolves when the vendor's program has stored the new login. Throws `KA_LOGIN_FAILED` with a `reason` for the user
   * if it did not. When `signal` is aborted, ends the program.
   */
  readonly run: (context: SignInContext) => Promise<void>;
};
