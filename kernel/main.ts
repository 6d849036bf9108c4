#!/usr/bin/env node
import { realpathSync } from 'node:fs';
import { refuseDebugger } from '../sdk/system/refuse-debugger.ts';
import { neverSearchHere } from '../sdk/system/search-path.ts';
import type { DaemonOptions } from './start/daemon.ts';
import type { HereOptions } from './start/here.ts';
import { holdYoungSpace } from '../sdk/system/young-space.ts';

// Loading the kernel's modules takes most of the start, so this comes first.
refuseDebugger();
neverSearchHere();

/** Runs the daemon in this process, for the command line. */
export async function startDaemon(options: DaemonOptions) {
  holdYoungSpace();
  return (await import('./start/daemon.ts')).startDaemon(options);
}

/** Serves one command in its process. */
export const serveHere = async (options: HereOptions) => (await import('./start/here.ts')).serveHere(options);

if (process.argv[1] !== undefined && import.meta.filename === realpathSync(process.argv[1])) {
  holdYoungSpace();
  void (await import('./start/daemon.ts')).main();
}
