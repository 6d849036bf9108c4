import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFiles } from '../../runtime/files/files.ts';
import type { Logger } from '../../sdk/plugin/logger.ts';
import type { ProviderContext } from '../../sdk/plugin/provider.ts';
import { onTestFinished } from './running-test.ts';

/** A folder that is removed when the test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'keepalive-'));
  // What was started last may still write to it.
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

const runNothing = async () => {
  throw new Error('This test runs no programs.');
};

export type RealContext = ProviderContext & { readonly concealed: Set<string>; readonly lines: unknown[] };

/** A provider context with real files below `folder` and the real network. Every member can be replaced. */
export function realContext(folder: string, given: Partial<ProviderContext> = {}): RealContext {
  const concealed = new Set<string>();
  const lines: unknown[] = [];
  const write = (...line: unknown[]) => void lines.push(line);
  const log: Logger = { debug: write, info: write, warn: write, error: write };
  return {
    signal: new AbortController().signal,
    log,
    files: createFiles({ userHome: folder, journalDir: join(folder, 'journal') }),
    env: {},
    which: async () => undefined,
    now: Date.now,
    conceal: secret => void concealed.add(secret),
    fetch: globalThis.fetch,
    exec: runNothing,
    pty: runNothing,
    processes: async () => [],
    reason: 'schedule',
    force: false,
    refreshBefore: 300_000,
    ...given,
    concealed,
    lines,
  };
}
