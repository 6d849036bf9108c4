import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { KEEPALIVE, temporaryHome } from '../daemon/daemon.ts';

const SSHD = ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/usr/bin/sshd'].find(file => existsSync(file));

/** Why there is no other machine, for titles. */
export const NO_SSHD = SSHD === undefined ? ' (skipped: no sshd is installed)' : '';

export type OtherMachine = {
  /** The home of its keepalive. */
  readonly home: string;
  /** Variables of the commands here: their `ssh` uses a configuration of the test. */
  readonly env: Readonly<Record<string, string>>;
};

type Options = {
  /** A program and its arguments that start sshd, for example within another network. */
  readonly within?: readonly string[];
};

/**
 * A machine named `box`: a real sshd with its own key, which each connection starts, as this user. `stranger` is the
 * same machine with another key than the known one, `locked` takes no key, and `bare` has no keepalive.
 */
export function otherMachine({ within = [] }: Options = {}): OtherMachine {
  const home = temporaryHome();
  const folder = temporaryHome();
  const at = (name: string) => join(folder, name);
  for (const name of ['host-key', 'other-key', 'id']) key(at(name));
  // sshd of root needs this folder, which its service creates.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });
  program(
    at('there/keepalive'),
    `HOME='${home}' KEEPALIVE_HOME='${home}' exec '${process.execPath}' '${KEEPALIVE}' "$@"`,
  );
  program(at('here/ssh'), `exec ${sshHere()} -F '${at('ssh_config')}' "$@"`);
  const server = (name: string, path: string, keys: string) =>
    writeFileSync(
      at(name),
      `HostKey ${at('host-key')}\nAuthorizedKeysFile ${keys}\nStrictModes no\nUsePAM no\nPasswordAuthentication no
KbdInteractiveAuthentication no\nPidFile none\nSetEnv PATH=${path}\n`,
    );
  server('sshd', [at('there'), '/usr/bin', '/bin'].join(':'), at('id.pub'));
  server('sshd-bare', '/usr/bin:/bin', at('id.pub'));
  server('sshd-locked', '/usr/bin:/bin', '/dev/null');
  writeFileSync(at('known'), `box ${publicKey(at('host-key'))}\nstranger ${publicKey(at('other-key'))}\n`);
  const host = (name: string, config: string, alias = 'box') =>
    `Host ${name}\n  HostKeyAlias ${alias}\n  ProxyCommand ${[...within, SSHD, '-i', '-f', at(config)].join(' ')}\n`;
  writeFileSync(
    at('ssh_config'),
    `${host('box', 'sshd')}${host('stranger', 'sshd', 'stranger')}${host('unknown', 'sshd', 'unknown')}
${host('bare', 'sshd-bare')}${host('locked', 'sshd-locked')}Host refusing\n  HostName 127.0.0.1\n  Port 1
Host *\n  IdentityFile ${at('id')}\n  IdentitiesOnly yes\n  UserKnownHostsFile ${at('known')}
  GlobalKnownHostsFile /dev/null\n  StrictHostKeyChecking yes\n`,
  );
  const env = { PATH: [at('here'), dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter) };
  return { home, env };
}

const key = (file: string): unknown => execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
const publicKey = (file: string): string => readFileSync(`${file}.pub`, 'utf8').split(' ').slice(0, 2).join(' ');
const sshHere = (): string => execFileSync('sh', ['-c', 'command -v ssh'], { encoding: 'utf8' }).trim();

function program(file: string, script: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}
