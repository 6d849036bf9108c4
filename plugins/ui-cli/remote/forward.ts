import type { CommandContext } from '../context/command.ts';
import { sshFailure } from './failure.ts';
import { describePortUser } from './port-user.ts';
import { sshProgram, type SshLog } from './ssh.ts';

export type Forward = {
  /** Resolves when ssh has ended. */
  readonly ended: Promise<void>;
  readonly close: () => Promise<void>;
};

type ForwardOptions = {
  readonly host: string;
  readonly port: number;
  readonly log: SshLog;
  readonly context: Pick<CommandContext, 'env' | 'platform'>;
};

/** It answers once ssh has the port, and ends with our end of its input. */
const SCRIPT = `exec sh -c 'echo; exec cat >/dev/null'`;
const ANSWER_MS = 15_000;

/** Makes a port of the other machine the same port here. Only connections from this machine are taken. */
export async function openForward({ host, port, log, context }: ForwardOptions): Promise<Forward> {
  const options = [
    'LogLevel=ERROR',
    'RemoteCommand=none',
    'ExitOnForwardFailure=yes',
    // A shared connection would keep the forward after us.
    'ControlPath=none',
    'ServerAliveInterval=15',
  ].flatMap(option => ['-o', option]);
  const both = `127.0.0.1:${port}:127.0.0.1:${port}`;
  const { file, argv } = sshProgram(['-T', '-L', both, '-E', log.file, ...options, '--', host, SCRIPT], context);
  const { execa } = await import('execa');
  const child = execa(file, argv.slice(1), {
    stdio: ['pipe', 'pipe', 'inherit'],
    reject: false,
    buffer: false,
    // It would end this process at a signal, before the end is announced.
    cleanup: false,
  });
  const ended = child.then(() => undefined);
  const close = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  try {
    const isOpen = await Promise.race([ended.then(() => false), firstOutput(child.stdout)]);
    if (!isOpen) throw await notOpened(host, port, log);
    if (!(await answers(port))) throw new Error(NOT_FORWARDED.replace('HOST', host));
    return { ended, close };
  } catch (error) {
    await close();
    throw error;
  }
}

const NOT_FORWARDED =
  'The settings page of HOST did not answer through ssh. Its ssh server has to allow that: AllowTcpForwarding local.';

const firstOutput = (stream: NodeJS.ReadableStream): Promise<true> =>
  new Promise(resolve => void stream.once('data', () => resolve(true)));

async function notOpened(host: string, port: number, log: SshLog): Promise<Error> {
  const report = await log.read();
  if (!report.includes(`cannot listen to port: ${port}`)) return sshFailure(host, report);
  const user = await describePortUser(port);
  return new Error(`Port ${port} is that of the settings page on ${host}, but here ${user} uses it. End that first.`);
}

/** Any answer of HTTP will do. */
const answers = (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(ANSWER_MS), redirect: 'manual' }).then(
    () => true,
    () => false,
  );
