import type { ProviderContext } from '../../sdk/provider.ts';

/** How a plugin in another process says that it has asked: what it does there does not pass through the context here. */
export const ASKED = Symbol('asked');

export type AskingContext = ProviderContext & { readonly [ASKED]?: () => void };

/** An attempt's context that knows whether anyone was asked: whether the network was used, or a program run. */
export function watchAsking(context: ProviderContext): { readonly context: AskingContext; readonly hasAsked: () => boolean } {
  let asked = false;
  const ask = () => {
    asked = true;
  };
  const noting = <Given extends readonly unknown[], T>(use: (...given: Given) => T) => (...given: Given): T => {
    ask();
    return use(...given);
  };
  const { fetch, exec, pty } = context;
  return { context: { ...context, fetch: noting(fetch), exec: noting(exec), pty: noting(pty), [ASKED]: ask }, hasAsked: () => asked };
}
