import type { Isolate } from '../../../runtime/worker/isolated-plugin.ts';

/** For tests whose entries all run in this process. */
export const notIsolated: Isolate = ({ name }) => Promise.reject(new Error(`${name} was not expected to be isolated.`));
