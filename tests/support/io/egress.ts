import { readFileSync } from 'node:fs';
import { findVendorProgram } from '../vendors/vendor-program.ts';

/** All system calls that name an address, or listen. */
const CALLS = ['connect', 'sendto', 'sendmsg', 'sendmmsg', 'bind'];

/** A program and its children under strace(1), which writes what they do with sockets to a file. */
export const watched = (file: string): readonly string[] => [
  findVendorProgram('strace') ?? 'strace',
  '-f',
  '--seccomp-bpf',
  '-qq',
  '-s',
  '300',
  '-o',
  file,
  '-e',
  `trace=${CALLS.join()}`,
  '-e',
  'signal=none',
];

/**
 * What the programs in a file of strace(1) did with sockets, each once: `connect 127.0.0.1:443`, `bind unix:/run/bus`.
 * A message over a connection names no address.
 */
export function socketUses(file: string): readonly string[] {
  const uses = readFileSync(file, 'utf8')
    .split('\n')
    .flatMap(line => {
      const [, call] = /^\d+ +(\w+)\(/.exec(line) ?? [];
      const address = addressIn(line);
      return call === undefined || address === undefined ? [] : [`${call} ${address}`];
    });
  return [...new Set(uses)];
}

function addressIn(line: string): string | undefined {
  const [, family] = /sa_family=AF_(\w+)/.exec(line) ?? [];
  switch (family) {
    case undefined:
      return undefined;
    case 'INET':
    case 'INET6': {
      const [, port = ''] = /sin6?_port=htons\((\d+)\)/.exec(line) ?? [];
      const [, host = ''] = /(?:inet_addr\(|inet_pton\(AF_INET6, )"([^"]*)"/.exec(line) ?? [];
      return family === 'INET' ? `${host}:${port}` : `[${host}]:${port}`;
    }
    case 'UNIX':
      return `unix:${/sun_path=@?"([^"]*)"/.exec(line)?.[1] ?? ''}`;
    default:
      return family.toLowerCase();
  }
}
