import type { ProviderContext } from '../sdk/plugin/provider.ts';

/** Called when a plugin in another process, which has its own context there, has used the network or a program. */
export const ASKED = Symbol('asked');

export type AskingContext = ProviderContext & { readonly [ASKED]?: () => void };

type Watching = { readonly context: AskingContext; readonly hasAsked: () => boolean };

/** Wraps an attempt's context to record whether the network was used or a program was run. */
export function watchAsking(context: ProviderContext): Watching {
  let asked = false;
  const ask = () => {
    asked = true;
  };
  const noting =
    <Given extends readonly unknown[], T>(use: (...given: Given) => T) =>
    (...given: Given): T => {
      ask();
      return use(...given);
    };
  const { fetch, exec, pty } = context;
  const watched = { ...context, fetch: noting(fetch), exec: noting(exec), pty: noting(pty), [ASKED]: ask };
  return { context: watched, hasAsked: () => asked };
}
