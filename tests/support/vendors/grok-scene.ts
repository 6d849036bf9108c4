import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { createExec } from '../../../runtime/capabilities/exec.ts';
import { createPty } from '../../../runtime/capabilities/pty.ts';
import { createWhich } from '../../../runtime/capabilities/which.ts';
import type { ProviderContext } from '../../../sdk/plugin/provider.ts';
import { realContext, temporaryFolder } from '../real-context.ts';
import { GROK_HOSTS, type GrokServer } from './grok-server.ts';
import { findVendorProgram, noVendorProgram } from './vendor-program.ts';
import { vendorProxy } from './vendor-proxy.ts';

export const grokProgram = findVendorProgram('grok');

/** Why the tests with the real grok are skipped. */
export const noGrok =
  grokProgram === undefined
    ? noVendorProgram('grok')
    : findVendorProgram('openssl') === undefined
      ? 'there is no openssl to make a certificate'
      : undefined;

/** A grok home with a login at the server, and contexts whose programs reach only that server. */
export async function grokScene(server: GrokServer, life: { readonly age: number; readonly left: number } | undefined) {
  const folder = await temporaryFolder();
  const file = join(folder, '.grok', 'auth.json');
  const [programs, opened] = [join(folder, 'bin'), join(folder, 'opened')];
  await Promise.all([mkdir(join(folder, '.grok')), mkdir(programs)]);
  const opener = join(programs, 'xdg-open');
  await writeFile(opener, `#!/bin/sh\necho "$@" >> '${opened}'\n`);
  await chmod(opener, 0o755);
  const login = life && server.signIn(life);
  if (login) await writeFile(file, login.text, { mode: 0o600 });
  const proxy = await vendorProxy(GROK_HOSTS, (request, response) => void server.handle(request, response));
  const env = {
    PATH: `${programs}${delimiter}${process.env['PATH']}`,
    HOME: folder,
    TERM: 'dumb',
    SSL_CERT_FILE: proxy.authority,
    ...proxy.variables,
  };
  const options = { workDir: join(folder, 'work'), env };
  const exec = createExec(options);
  return {
    exec,
    file,
    account: login?.account ?? '',
    context: (given: Partial<ProviderContext> = {}) =>
      realContext(folder, {
        env,
        exec,
        pty: createPty(options),
        which: createWhich(env),
        ...given,
        fetch: (input, init) => fetch(String(input).replace(/^https:\/\/[^/]+/, proxy.url), init),
      }),
    /** The addresses that a browser was asked to open. */
    opened: () => readFile(opened, 'utf8').catch(() => ''),
    read: async () => JSON.parse(await readFile(file, 'utf8')),
    isAlive: async () => server.isAlive(login?.account ?? '', await readFile(file, 'utf8')),
  };
}
