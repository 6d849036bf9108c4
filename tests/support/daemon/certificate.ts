import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../real-context.ts';

/** A certificate for these hosts, and the file of its authority, from openssl: for one test, or in a given folder. */
export async function certificate(hosts: readonly string[], given?: string) {
  const folder = given ?? (await temporaryFolder());
  const file = (name: string) => join(folder, name);
  writeFileSync(
    file('extensions'),
    `subjectAltName=${hosts.map(host => `DNS:${host}`).join(',')}\nextendedKeyUsage=serverAuth\n`,
  );
  const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-days',
    '2',
    '-subj',
    '/CN=test authority',
    '-addext',
    'keyUsage=critical,keyCertSign',
  );
  openssl(
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'key.pem',
    '-out',
    'request.pem',
    '-subj',
    '/CN=localhost',
  );
  openssl(
    'x509',
    '-req',
    '-in',
    'request.pem',
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-days',
    '2',
    '-out',
    'cert.pem',
    '-extfile',
    'extensions',
  );
  return { key: readFileSync(file('key.pem')), cert: readFileSync(file('cert.pem')), authority: file('ca.pem') };
}
