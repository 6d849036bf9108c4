import { setFlagsFromString } from 'node:v8';

/** By then the first attempts have settled too. */
const SETTLED_MS = 10_000;

/**
 * Loading and starting makes much garbage at once. V8 would double its space for young objects again and again for it,
 * and keep that memory afterwards: some 15 MiB, a sixth of all. So this space keeps its size for now.
 */
export const holdYoungSpace = (): void => setFlagsFromString('--semi-space-growth-factor=1');

/** The daemon has started. Soon the space may grow again: a daemon that answers much is faster with more of it. */
export const releaseYoungSpace = (): void =>
  void setTimeout(() => setFlagsFromString('--semi-space-growth-factor=2'), SETTLED_MS).unref();
