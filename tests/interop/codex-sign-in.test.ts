import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createExec } from '../../runtime/capabilities/exec.ts';
import { greet, readAccount } from '../../plugins/codex/touch.ts';
import type { Dialogue } from '../../sdk/plugin/process.ts';
import { parseObject, valueAt, type JsonObject } from '../../sdk/recipes/store/json-store.ts';
import { CODE_PAGE, SIGNED_IN_EMAIL } from '../support/vendors/codex-sign-in.ts';
import { codexSignInMachine } from '../support/vendors/codex-sign-in-machine.ts';
import { findVendorProgram, noVendorProgram } from '../support/vendors/vendor-program.ts';

const program = findVendorProgram('codex');

/** The machine, and a conversation with codex on it. */
async function machine() {
  const { env, folder, ...rest } = await codexSignInMachine();
  const exec = createExec({ workDir: join(folder, 'work'), env });
  return {
    ...rest,
    exec,
    talk: (talk: (dialogue: Dialogue) => Promise<void>) =>
      exec(program ?? '', ['app-server'], {
        timeoutMs: 60_000,
        talk: dialogue => greet(dialogue).then(() => talk(dialogue)),
      }),
  };
}

async function nextMessage({ lines }: Dialogue, isMeant: (message: JsonObject) => boolean): Promise<JsonObject> {
  for await (const line of lines) {
    const message = parseObject(line);
    if (message && isMeant(message)) return message;
  }
  return {};
}

/** Begins a sign-in and returns what a person needs for it. */
async function begin(dialogue: Dialogue) {
  dialogue.send(JSON.stringify({ id: 10, method: 'account/login/start', params: { type: 'chatgptDeviceCode' } }));
  const message = await nextMessage(dialogue, ({ id }) => id === 10);
  const text = (name: string) => String(valueAt(message, `result.${name}`));
  return { loginId: text('loginId'), userCode: text('userCode'), page: text('verificationUrl') };
}

/** How the sign-in ended, in codex's own words. */
const ending = async (dialogue: Dialogue) =>
  (await nextMessage(dialogue, ({ method }) => method === 'account/login/completed'))['params'];

describe.skipIf(!program)(
  `a sign-in with the real codex (${program ?? `skipped: ${noVendorProgram('codex')}`})`,
  () => {
    test('stores the new login once a person approves its code, and keeps the old one until then', async () => {
      const { server, old, stored, opened, talk } = await machine();
      await talk(async dialogue => {
        const { loginId, userCode, page } = await begin(dialogue);
        expect(page).toBe(CODE_PAGE);
        await expect.poll(() => server.pollsOf(userCode), { timeout: 20_000 }).toBeGreaterThan(1);
        expect(await stored()).toBe(old.text);
        server.approve(userCode);
        expect(await ending(dialogue)).toMatchObject({ loginId, success: true, error: null });
        expect(valueAt((await readAccount(dialogue, false)) ?? {}, 'result.account.email')).toBe(SIGNED_IN_EMAIL);
      });
      const login = parseObject((await stored()) ?? '') ?? {};
      const account = String(valueAt(login, 'tokens.account_id'));
      expect(account).not.toBe(old.account);
      expect(server.isAlive(account, JSON.stringify(login))).toBe(true);
      // codex does not end the old login at its vendor.
      expect(server.isAlive(old.account, old.text)).toBe(true);
      expect(await opened()).toBeUndefined();
    }, 60_000);

    test('changes nothing if it is cancelled, also if a person approves its code afterwards', async () => {
      const { server, old, stored, talk } = await machine();
      await talk(async dialogue => {
        const { loginId, userCode } = await begin(dialogue);
        dialogue.send(JSON.stringify({ id: 11, method: 'account/login/cancel', params: { loginId } }));
        expect(await ending(dialogue)).toMatchObject({ loginId, success: false, error: 'Login was not completed' });
        server.approve(userCode);
        const polls = server.pollsOf(userCode);
        const next = await begin(dialogue);
        await expect.poll(() => server.pollsOf(next.userCode), { timeout: 20_000 }).toBeGreaterThan(1);
        expect(server.pollsOf(userCode)).toBe(polls);
      });
      expect(await stored()).toBe(old.text);
      expect(server.isAlive(old.account, old.text)).toBe(true);
    }, 60_000);

    test('changes nothing if a person denies it, and can be tried again', async () => {
      const { server, old, stored, talk } = await machine();
      await talk(async dialogue => {
        const { loginId, userCode } = await begin(dialogue);
        server.deny(userCode);
        expect(await ending(dialogue)).toMatchObject({
          loginId,
          success: false,
          error: expect.stringContaining('device auth failed with status 400'),
        });
        expect(await stored()).toBe(old.text);
        expect(server.isAlive(old.account, old.text)).toBe(true);
        const next = await begin(dialogue);
        server.approve(next.userCode);
        expect(await ending(dialogue)).toMatchObject({ loginId: next.loginId, success: true });
      });
      expect(await stored()).not.toBe(old.text);
    }, 60_000);

    test('changes nothing if the program ends while it waits', async () => {
      const { server, old, stored, talk } = await machine();
      const { exitCode } = await talk(async dialogue => void (await begin(dialogue)));
      expect(exitCode).toBe(0);
      expect(await stored()).toBe(old.text);
      expect(server.isAlive(old.account, old.text)).toBe(true);
    }, 60_000);

    test('is not done by `codex login`, which ends the old login before it shows a code', async () => {
      const { server, exec, old, stored } = await machine();
      await exec(program ?? '', ['login', '--device-auth'], {
        timeoutMs: 60_000,
        talk: async dialogue => {
          for await (const line of dialogue.lines) {
            const [userCode] = /[0-9A-F]{4}-[0-9A-F]{5}/.exec(line) ?? [];
            if (userCode === undefined) continue;
            expect([await stored(), server.isAlive(old.account, old.text)]).toEqual([undefined, false]);
            server.deny(userCode);
          }
        },
      });
      expect(await stored()).toBeUndefined();
    }, 60_000);
  },
);
