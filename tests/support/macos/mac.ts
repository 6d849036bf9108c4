import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { connect, type KeepaliveClient } from '../../../sdk/client/client.ts';
import { onTestFinished } from '../running-test.ts';
import { begin, KEEPALIVE, temporaryHome, type Finished } from '../daemon/daemon.ts';

const place = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const PROGRAMS = ['security', 'launchctl', 'osascript', 'open', 'claude'];

/** The options by which Node takes this machine for a Mac. */
export const AS_MAC = `--import ${pathToFileURL(place('darwin.mjs')).href}`;

/** A Mac with stand-ins for its programs, in its own folder. */
export type Mac = {
  readonly root: string;
  /** The user's home. */
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What a stand-in has noted. */
  readonly noted: <T = unknown>(name: string) => readonly T[];
  readonly read: (name: string) => string;
  readonly configure: (config: unknown) => void;
  readonly set: (name: string, value: unknown) => void;
  /** Runs one of its programs. */
  readonly run: (program: string, ...args: string[]) => { readonly status: number | null; readonly stdout: string };
  /** Connects to its daemon, until the test ends. */
  readonly connect: () => Promise<KeepaliveClient>;
  readonly keepalive: (...args: string[]) => Promise<Finished>;
};

type MacOptions = {
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** The name of the user's home. */
  readonly homeName?: string;
};

export function macMachine({ files = {}, env: more = {}, homeName = 'home' }: MacOptions = {}): Mac {
  const programs = PROGRAMS.map(name => [`bin/${name}`, wrapper(name)]);
  const inHome = Object.entries(files).map(([name, text]) => [join(homeName, name), text]);
  const root = temporaryHome(Object.fromEntries([...programs, ...inHome]));
  const home = join(root, homeName);
  mkdirSync(home, { recursive: true });
  for (const name of PROGRAMS) {
    const file = join(root, 'bin', name);
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('ROOT', root), { mode: 0o755 });
    spawnSync('chmod', ['755', file]);
  }
  const env = {
    KEEPALIVE_HOME: undefined,
    HOME: home,
    USERPROFILE: undefined,
    USER: 'me',
    PATH: `${join(root, 'bin')}:${dirname(process.execPath)}:/usr/bin:/bin`,
    NODE_OPTIONS: AS_MAC,
    ...more,
  };
  const run: Mac['run'] = (program, ...args) =>
    spawnSync(join(root, 'bin', program), args, { env: { ...process.env, ...env }, encoding: 'utf8' });
  const mac: Mac = {
    root,
    home,
    env,
    noted: name => linesOf(join(root, `${name}.jsonl`)),
    read: name => readFileSync(join(root, name), 'utf8'),
    configure(config) {
      const folder = join(home, 'Library/Preferences/keepalive');
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'keepalive.config.json'), JSON.stringify(config), { mode: 0o600 });
    },
    set: (name, value) => writeFileSync(join(root, `${name}.json`), JSON.stringify(value)),
    run,
    async connect() {
      const endpointFile = join(home, 'Library/Application Support/keepalive/endpoint.json');
      const client = await connect({ endpointFile, wait: true });
      onTestFinished(() => client.close());
      return client;
    },
    keepalive: (...args) => begin(KEEPALIVE, args, home, env).done,
  };
  onTestFinished(async () => {
    await mac.keepalive('stop');
    const label = `gui/${process.getuid?.()}/session-keepalive`;
    run('launchctl', 'bootout', label);
  });
  return mac;
}

/** A program in a shell's words: the stand-in itself does not take this machine for a Mac. */
const wrapper = (name: string): string =>
  `#!/bin/sh\nunset NODE_OPTIONS\nexec '${process.execPath}' '${place(`${name}.mjs`)}' 'ROOT' "$@"\n`;

const linesOf = <T>(file: string): readonly T[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .map(line => JSON.parse(line) as T)
    : [];
