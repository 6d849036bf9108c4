import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { KeepaliveError } from '../../../sdk/contract/errors.ts';
import { runCli, type World } from '../../../plugins/ui-cli/cli.ts';
import type { Ways } from '../../../plugins/ui-cli/connections.ts';
import { NOW, type FakeKernel } from './fake-kernel.ts';

export type Result = { readonly exitCode: number; readonly out: string; readonly err: string };

export type Circumstances = Partial<Pick<World, 'env' | 'platform' | 'interrupted' | 'now'>> & {
  /** The running daemon; none where left out. */
  readonly daemon?: FakeKernel | undefined;
  readonly ways?: Partial<Ways>;
  readonly terminal?: { readonly columns: number } | undefined;
};

const none = async (): Promise<never> => {
  throw new KeepaliveError('KA_RPC_NO_DAEMON');
};

/** Runs a command line in this process, with everything outside of it handed in. */
export async function keepalive(
  argv: readonly string[],
  { daemon, ways, terminal, ...world }: Circumstances = {},
): Promise<Result> {
  let out = '';
  let err = '';
  const exitCode = await runCli(argv, {
    out: { write: text => void (out += text), isTTY: Boolean(terminal), columns: terminal?.columns },
    err: { write: text => void (err += text) },
    env: { KEEPALIVE_HOME: temporaryFolder() },
    platform: 'linux',
    now: () => NOW,
    interrupted: () => AbortSignal.abort(),
    ...world,
    ways: {
      connect: daemon ? async () => daemon.client() : none,
      spawn: none,
      become: none,
      spawnTray: none,
      isRunning: () => false,
      terminate: () => undefined,
      browse: async () => false,
      ...ways,
    },
  });
  return { exitCode, out, err };
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'keepalive-cli-'));
  folders.push(folder);
  return folder;
}

const folders: string[] = [];
afterAll(() => folders.forEach(folder => rmSync(folder, { recursive: true, force: true })));
