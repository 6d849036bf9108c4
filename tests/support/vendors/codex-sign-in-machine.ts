import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { codexServer } from './codex-server.ts';
import { vendorProxy } from './vendor-proxy.ts';
import { temporaryFolder } from '../real-context.ts';

const DAY = 86_400_000;

/** A machine with a login that works, on which codex reaches only the server, and no browser can open. */
export async function codexSignInMachine() {
  const [folder, server] = [await temporaryFolder(), await codexServer()];
  const [home, programs, opened] = [join(folder, '.codex'), join(folder, 'bin'), join(folder, 'opened')];
  const file = join(home, 'auth.json');
  const old = server.signIn({ age: DAY, left: 9 * DAY });
  await Promise.all([mkdir(home), mkdir(programs)]);
  await writeFile(file, old.text, { mode: 0o600 });
  await writeFile(join(home, 'config.toml'), '[analytics]\nenabled = false\n');
  for (const opener of ['xdg-open', 'open']) {
    const stub = join(programs, opener);
    await writeFile(stub, `#!/bin/sh\necho "$@" >> '${opened}'\n`);
    await chmod(stub, 0o755);
  }
  const proxy = await vendorProxy(['auth.openai.com', 'chatgpt.com'], server.handle);
  const env = {
    PATH: `${programs}${delimiter}${process.env['PATH']}`,
    HOME: folder,
    TERM: 'dumb',
    CODEX_HOME: home,
    CODEX_CA_CERTIFICATE: proxy.authority,
    ...proxy.variables,
  };
  const read = (path: string) => readFile(path, 'utf8').catch(() => undefined);
  return { folder, home, env, server, old, stored: () => read(file), opened: () => read(opened) };
}
