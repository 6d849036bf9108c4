/**
 * At SIGUSR1 a Node without a listener opens its debugger, to anybody on this machine, and then keeps it open. From here on this process ignores the signal,
 * and what one that came before has opened is closed. To be called again once everything is loaded: a signal is acted on a moment after it came.
 * A debugger that a person asked for is left alone.
 */
export function refuseDebugger(): void {
  if (process.platform === 'win32') return;
  if (!process.listeners('SIGUSR1').includes(ignore)) process.on('SIGUSR1', ignore);
  if (process.features.inspector && !isAskedFor()) process.getBuiltinModule('node:inspector').close();
}

const ignore = (): void => undefined;

const isAskedFor = (): boolean =>
  /--inspect(-brk|-wait)?(=|\s|$)/m.test([...process.execArgv, process.env['NODE_OPTIONS']].join('\n'));
