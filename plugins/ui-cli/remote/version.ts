import type { CommandContext } from '../context/command.ts';
import { NOT_FOUND } from '../gate/find-program.ts';
import { scriptFor, sshArguments } from './command-line.ts';
import type { Place } from './place.ts';
import { sshProgram } from './ssh.ts';

const PATIENCE_MS = 10_000;

type There = {
  /** Undefined if it is not known. */
  readonly version?: string | undefined;
  readonly isMissing: boolean;
};

/** Asks for the version of keepalive on another machine. ssh must not ask for anything: this is for a note only. */
export async function versionThere(place: Place, context: CommandContext): Promise<There> {
  const script = scriptFor(place, ['--version'], {});
  const { file, argv } = sshProgram(['-o', 'BatchMode=yes', ...sshArguments(place.host, script, {})], context);
  const { execa } = await import('execa');
  const { stdout, exitCode } = await execa(file, argv.slice(1), {
    stdio: ['ignore', 'pipe', 'ignore'],
    reject: false,
    timeout: PATIENCE_MS,
  });
  return { version: /^v?(\d+\.\d+\.\S+)$/m.exec(stdout)?.[1], isMissing: exitCode === NOT_FOUND };
}
