import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Renewal } from './renewals.ts';

/** One way to renew a login: a process that does it, a token server for it, and a folder with the login. */
export type Side = {
  readonly folder: string;
  readonly renew: (count: number) => Promise<readonly Renewal[]>;
  readonly stop: () => Promise<void>;
};

export async function startSide(name: 'alone' | 'ours', parent: string): Promise<Side> {
  const folder = await mkdtemp(join(parent, 'keepalive-bench-'));
  const file = join(folder, 'token.json');
  const refresh = randomBytes(64).toString('base64url');
  await writeFile(file, JSON.stringify({ access_token: 'first', refresh_token: refresh, expires_at: 1 }), {
    mode: 0o600,
  });
  const [server, tokenEndpoint] = await start('token-server', [refresh], folder);
  const [renewals] = await start('renewals', [name, String(tokenEndpoint), file], folder);
  return {
    folder,
    async renew(count) {
      renewals.send(count);
      return (await messageOf(renewals)) as readonly Renewal[];
    },
    async stop() {
      for (const child of [renewals, server]) await stopped(child);
      await rm(folder, { recursive: true });
    },
  };
}

/** Starts a process of this folder, and returns its first message too. */
async function start(
  name: string,
  given: readonly string[],
  home: string,
): Promise<readonly [child: ChildProcess, message: unknown]> {
  const module = fileURLToPath(new URL(`${name}.js`, import.meta.url));
  const child = fork(module, given, { env: { ...process.env, KEEPALIVE_HOME: home } });
  return [child, await messageOf(child)];
}

/** The next message of the process. Throws if it ends instead. */
async function messageOf(child: ChildProcess): Promise<unknown> {
  const settled = new AbortController();
  const { signal } = settled;
  const ended = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`A process of the benchmark ended with code ${code}.`);
  });
  try {
    const [message] = await Promise.race([once(child, 'message', { signal }), ended]);
    return message;
  } finally {
    settled.abort();
  }
}

async function stopped(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill();
  await exit;
}
