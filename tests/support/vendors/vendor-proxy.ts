import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect } from 'node:net';
import { certificate } from '../daemon/certificate.ts';
import { listen } from '../daemon/listen.ts';

export type VendorProxy = {
  readonly url: string;
  /** The file of the certificate to trust. */
  readonly authority: string;
  /** Send all requests of a program through it. */
  readonly variables: { readonly HTTPS_PROXY: string; readonly HTTP_PROXY: string; readonly NO_PROXY: string };
};

/**
 * A proxy that connects every host to one server. A vendor's program that uses it, and trusts `authority`, keeps its
 * real addresses but reaches only the test.
 */
export async function vendorProxy(hosts: readonly string[], handle: RequestListener): Promise<VendorProxy> {
  const { key, cert, authority } = await certificate(hosts);
  const port = Number(new URL(await listen(createTlsServer({ key, cert }, handle))).port);

  const proxy = createServer(handle).on('connect', (_request, socket) => {
    const inner = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      inner.pipe(socket).pipe(inner);
    });
    inner.on('error', () => socket.destroy());
    socket.on('error', () => inner.destroy());
  });
  const url = await listen(proxy);
  return { url, authority, variables: { HTTPS_PROXY: url, HTTP_PROXY: url, NO_PROXY: '' } };
}
