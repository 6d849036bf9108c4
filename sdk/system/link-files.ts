import { createHash, randomUUID } from 'node:crypto';
import { lstat, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { KeepaliveError } from '../contract/errors.ts';

/** How long a link may be used. */
export const LINK_LIFE_MS = 60_000;

/** Only our link files have such names. */
const NAME = /^keepalive-ui-[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}\.html$/;
const SUBMIT = 'document.forms[0].submit()';
const SUBMIT_HASH = createHash('sha256').update(SUBMIT).digest('base64');

/**
 * Files that pass a link's code to the browser, because other users can read program arguments. Each is 0600, and is
 * removed once its code is used or expires.
 *
 * They are in the user's home, under a visible name: sandboxed browsers (snap) read neither hidden folders nor /tmp.
 */
export class LinkFiles {
  readonly #files = new Map<string, { readonly file: string; readonly expiry: NodeJS.Timeout }>();
  readonly #stateDir: string;
  readonly #userHome: string;

  constructor(stateDir: string, userHome: string = homedir()) {
    this.#stateDir = stateDir;
    this.#userHome = userHome;
  }

  /** Writes the file for a code and returns its path. */
  async write(origin: string, code: string): Promise<string> {
    const text = formFor(origin, code);
    const file =
      (await writeInto(this.#userHome, text).catch(() => undefined)) ?? (await writeInto(this.#stateDir, text));
    if (file === undefined) {
      throw new KeepaliveError('KA_HOME_UNUSABLE', { home: this.#stateDir, reason: 'other users may write to it' });
    }
    this.#files.set(code, { file, expiry: setTimeout(() => void this.remove(code), LINK_LIFE_MS).unref() });
    return file;
  }

  async remove(code: string): Promise<void> {
    const { file, expiry } = this.#files.get(code) ?? {};
    this.#files.delete(code);
    clearTimeout(expiry);
    if (file !== undefined) await rm(file, { force: true });
  }

  async removeAll(): Promise<void> {
    await Promise.all([...this.#files.keys()].map(code => this.remove(code)));
  }
}

/** Undefined if other users could change the folder. */
async function writeInto(folder: string, text: string): Promise<string | undefined> {
  if (!(await isPrivateEnough(folder))) return undefined;
  await removeLeftovers(folder);
  const file = join(folder, `keepalive-ui-${randomUUID()}.html`);
  await writeFile(file, text, { mode: 0o600, flag: 'wx' });
  return file;
}

/** Other users must not be able to replace our file. */
async function isPrivateEnough(folder: string): Promise<boolean> {
  const facts = await stat(folder).catch(() => undefined);
  if (!facts?.isDirectory()) return false;
  return process.geteuid === undefined || (facts.uid === process.geteuid() && (facts.mode & 0o022) === 0);
}

/** Removes the files of a kernel that crashed. */
async function removeLeftovers(folder: string): Promise<void> {
  const names = (await readdir(folder).catch(() => [])).filter(name => NAME.test(name));
  await Promise.all(
    names.map(async name => {
      const facts = await lstat(join(folder, name)).catch(() => undefined);
      if (facts?.isFile() && Date.now() - facts.mtimeMs > 2 * LINK_LIFE_MS)
        await rm(join(folder, name), { force: true });
    }),
  );
}

const policyFor = (origin: string): string =>
  `default-src 'none'; script-src 'sha256-${SUBMIT_HASH}'; form-action ${origin}`;

/** A page that posts the code automatically and can do nothing else. */
const formFor = (origin: string, code: string): string => `<!doctype html>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policyFor(origin)}">
<title>Session Keepalive</title>
<form method="post" action="${origin}/open/">
<input type="hidden" name="code" value="${code}">
<button>Open the settings page</button>
</form>
<script>${SUBMIT}</script>
`;
