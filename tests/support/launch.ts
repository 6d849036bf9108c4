import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { onTestFinished } from './running-test.ts';

/** Starts a program that ends with the test. File descriptor 3 is a pipe for its output. */
export function launch(program: string, args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
  const child = spawn(program, args, { env, stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'exit');
  onTestFinished(async () => {
    child.kill();
    await ended;
  });
  return child;
}

/** What a program writes first to one of its descriptors. */
export async function firstOutput(child: ChildProcess, descriptor: number): Promise<string> {
  const [text] = await once(child.stdio[descriptor] as Readable, 'data');
  return String(text).trim();
}
