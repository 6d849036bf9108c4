/**
 * Ignores SIGUSR1, and closes a debugger that an earlier one has opened. Without a listener, Node opens its debugger at
 * this signal, to every user of this machine, and keeps it open. Call it again once everything is loaded: a signal
 * takes effect a moment later. A debugger that the user asked for stays open.
 */
export function refuseDebugger(): void {
  if (process.platform === 'win32') return;
  if (!process.listeners('SIGUSR1').includes(ignore)) process.on('SIGUSR1', ignore);
  if (process.features.inspector && !isAskedFor()) process.getBuiltinModule('node:inspector').close();
}

const ignore = (): void => undefined;

const isAskedFor = (): boolean =>
  /--inspect(-brk|-wait)?(=|\s|$)/m.test([...process.execArgv, process.env['NODE_OPTIONS']].join('\n'));
