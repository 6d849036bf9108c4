import { createHash } from 'node:crypto';
import { mkdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createExec } from '../../runtime/capabilities/exec.ts';
import { createWhich } from '../../runtime/capabilities/which.ts';
import codex from '../../plugins/codex/index.ts';
import { codexServer, type CodexServer } from '../support/vendors/codex-server.ts';
import { noKeyring, openKeyring } from '../support/vendors/keyring.ts';
import { realContext, temporaryFolder } from '../support/real-context.ts';
import { vendorProxy } from '../support/vendors/vendor-proxy.ts';
import { findVendorProgram, noVendorProgram } from '../support/vendors/vendor-program.ts';

const DAY = 86_400_000;
const program = findVendorProgram('codex');
const lacking = program === undefined ? noVendorProgram('codex') : noKeyring;

/** A codex home whose login, with 4 of its 10 days left, is in a keyring. */
async function signedIn(server: CodexServer, store: 'keyring' | 'auto', stale?: string) {
  const [folder, keyring] = [await temporaryFolder(), await openKeyring()];
  const home = join(folder, '.codex');
  const file = join(home, 'auth.json');
  await mkdir(home);
  await writeFile(join(home, 'config.toml'), `cli_auth_credentials_store = "${store}"\n[analytics]\nenabled = false\n`);
  if (stale !== undefined) await writeFile(file, stale, { mode: 0o600 });
  const username = `cli|${createHash('sha256')
    .update(await realpath(home))
    .digest('hex')
    .slice(0, 16)}`;
  const item = { service: 'Codex Auth', username, target: 'default', application: 'rust-keyring' };
  const { account, text } = server.signIn({ age: 6 * DAY, left: 4 * DAY });
  await keyring.put(item, text);
  // codex reports an account only after its vendor, on https, has returned the account's workspace.
  const proxy = await vendorProxy(['auth.openai.com', 'chatgpt.com'], server.handle);
  const env = {
    ...keyring.env,
    HOME: folder,
    TERM: 'dumb',
    CODEX_HOME: home,
    CODEX_CA_CERTIFICATE: proxy.authority,
    ...proxy.variables,
  };
  const contextOf = (environment: Readonly<Record<string, string | undefined>>) =>
    realContext(folder, {
      env: environment,
      exec: createExec({ workDir: join(folder, 'work'), env: environment }),
      which: createWhich(environment),
      fetch: (input, init) => fetch(String(input).replace(/^https:\/\/[^/]+/, server.url), init),
    });
  return {
    account,
    context: contextOf(env),
    withoutBus: contextOf({ ...env, DBUS_SESSION_BUS_ADDRESS: undefined, XDG_RUNTIME_DIR: undefined }),
    isAlive: async () => server.isAlive(account, await keyring.read(item)),
    readFile: () => readFile(file, 'utf8').catch(() => undefined),
  };
}

describe.skipIf(lacking)(
  `with the real codex and its login in a keyring (${lacking ? `skipped: ${lacking}` : program})`,
  () => {
    const provider = codex({ program });

    test('a touch renews it once, and it still works', async () => {
      const server = await codexServer();
      const { account, context, isAlive } = await signedIn(server, 'keyring');
      expect(await provider.inspect?.(context)).toMatchObject({ present: true, method: 'touch' });
      expect(await provider.refresh(context)).toEqual({ status: 'refreshed', method: 'touch' });
      expect(await provider.refresh(context)).toMatchObject({ status: 'fresh' });
      expect(server.exchanges).toEqual([{ account, answer: 'renewed' }]);
      expect(await isAlive()).toBe(true);
    }, 60_000);

    test('the token in an old file that "auto" left is not used', async () => {
      const server = await codexServer();
      const old = server.signIn({ age: 10 * DAY, left: -60_000 });
      const { account, context, isAlive, readFile: file } = await signedIn(server, 'auto', old.text);
      expect(await provider.refresh(context)).toEqual({ status: 'refreshed', method: 'touch' });
      expect(server.exchanges).toEqual([{ account, answer: 'renewed' }]);
      expect([await isAlive(), await file()]).toEqual([true, undefined]);
    }, 60_000);

    test('an ended login needs a new sign-in, and a locked keyring makes it unavailable', async () => {
      const server = await codexServer();
      const { account, context, withoutBus } = await signedIn(server, 'keyring');
      expect(await provider.refresh(withoutBus)).toMatchObject({
        status: 'deferred',
        reason: expect.stringContaining('keyring, which may be locked'),
      });
      server.end(account);
      // If codex itself sends a request at the same moment, its first answer may be empty.
      const outcomes = [];
      for (const hours of [0, 0, 2, 2]) {
        const now = () => Date.now() + hours * 3_600_000;
        outcomes.push(await provider.refresh({ ...context, now, force: true }));
      }
      expect(outcomes).toContainEqual(
        expect.objectContaining({ status: 'login-required', proof: expect.stringContaining('401') }),
      );
    }, 60_000);
  },
);
