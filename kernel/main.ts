#!/usr/bin/env node
import { realpathSync } from 'node:fs';
import { refuseDebugger } from '../sdk/system/refuse-debugger.ts';
import { neverSearchHere } from '../sdk/system/search-path.ts';

// Loading the kernel's modules takes most of the start, so this comes first.
refuseDebugger();
neverSearchHere();
const daemon = await import('./start/daemon.ts');

/** Runs the daemon in this process, for the command line. */
export const { startDaemon } = daemon;

if (process.argv[1] !== undefined && import.meta.filename === realpathSync(process.argv[1])) void daemon.main();
