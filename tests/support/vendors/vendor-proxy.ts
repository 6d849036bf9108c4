import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { listen } from '../daemon/listen.ts';
import { temporaryFolder } from '../real-context.ts';

/**
 * A proxy that connects every host to one server. A vendor's program that uses it, and trusts `authority`, keeps its
 * real addresses but reaches only the test. openssl makes the certificate, which lives as long as the test.
 */
export async function vendorProxy(
  hosts: readonly string[],
  handle: RequestListener,
): Promise<{ readonly url: string; readonly authority: string }> {
  const folder = await temporaryFolder();
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
  const port = Number(
    new URL(
      await listen(
        createTlsServer({ key: readFileSync(file('key.pem')), cert: readFileSync(file('cert.pem')) }, handle),
      ),
    ).port,
  );

  const proxy = createServer(handle).on('connect', (_request, socket) => {
    const inner = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      inner.pipe(socket).pipe(inner);
    });
    inner.on('error', () => socket.destroy());
    socket.on('error', () => inner.destroy());
  });
  return { url: await listen(proxy), authority: file('ca.pem') };
}
