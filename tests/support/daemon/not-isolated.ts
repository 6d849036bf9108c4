import type { Isolate } from '../../../runtime/worker/isolated-plugin.ts';

/** For entries of which none wants a process of its own. */
export const notIsolated: Isolate = ({ name }) =>
  Promise.reject(new Error(`${name} was not expected to want a process of its own.`));
