import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { VendorProxy } from './vendor-proxy.ts';

/** The environment of a claude that reaches only the proxy, and opens a stub of a browser, which leaves a file. */
export async function claudeEnvironment(
  folder: string,
  { authority, variables }: VendorProxy,
  more: Readonly<Record<string, string>> = {},
) {
  const programs = join(folder, 'bin');
  await mkdir(programs);
  for (const browser of ['xdg-open', 'open']) {
    const stub = `#!/bin/sh\ntouch ${join(folder, 'started-browser')}\n`;
    await writeFile(join(programs, browser), stub, { mode: 0o755 });
  }
  return {
    PATH: `${programs}:${process.env['PATH']}`,
    HOME: folder,
    TERM: 'dumb',
    NODE_EXTRA_CA_CERTS: authority,
    ...variables,
    DISABLE_AUTOUPDATER: '1',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    ...more,
  };
}
