import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import grok from '../../plugins/grok/index.ts';
import type { OpenStep } from '../../sdk/plugin/sign-in.ts';
import { GROK_SCOPE } from '../support/vendors/grok-login.ts';
import { grokProgram as program, grokScene, noGrok } from '../support/vendors/grok-scene.ts';
import { grokServer, type GrokServer } from '../support/vendors/grok-server.ts';

const HOUR = 3_600_000;
const WORKING = { age: HOUR, left: 5 * HOUR };

/** A sign-in beside a login that works. `decide` is what the user does once the code is shown. */
async function signIn(server: GrokServer, decide: (server: GrokServer, abort: AbortController) => void) {
  const scene = await grokScene(server, WORKING);
  const before = await readFile(scene.file, 'utf8');
  const shown: OpenStep[] = [];
  const abort = new AbortController();
  const talk = {
    device: true,
    signal: abort.signal,
    ask: async () => '',
    async show(step: OpenStep) {
      shown.push(step);
      expect(await readFile(scene.file, 'utf8')).toBe(before);
      decide(server, abort);
    },
  };
  const { signIn: its } = grok({ program: program ?? '' });
  const result = await its?.run({ ...scene.context(), ...talk }).catch((error: unknown) => error);
  return { scene, before, shown, result };
}

describe.skipIf(noGrok)(`a sign-in with the real grok (${noGrok ? `skipped: ${noGrok}` : program})`, () => {
  test('shows a code, keeps the old login until it is approved, and opens no browser', async () => {
    const server = grokServer();
    const { scene, before, shown, result } = await signIn(server, ({ decide }) => decide('approved'));
    expect(result).toBeUndefined();
    expect(shown).toEqual([{ url: 'https://accounts.x.ai/device?user_code=ABCD-EFGH', userCode: 'ABCD-EFGH' }]);
    const refresh = (await scene.read())[GROK_SCOPE].refresh_token;
    expect(before).not.toContain(refresh);
    expect(server.isAlive(server.accountOf(refresh) ?? '', JSON.stringify(await scene.read()))).toBe(true);
    expect(await scene.opened()).toBe('');
  }, 60_000);

  test.each<[string, (server: GrokServer, abort: AbortController) => void, object]>([
    [
      'denied',
      ({ decide }) => decide('denied'),
      { code: 'KA_LOGIN_FAILED', details: { reason: expect.stringContaining('denied') } },
    ],
    ['cancelled', (_server, abort) => abort.abort(new Error('cancelled')), { message: 'cancelled' }],
  ])(
    'that is %s leaves the old login byte for byte',
    async (_name, decide, expected) => {
      const { scene, before, result } = await signIn(grokServer(), decide);
      expect(result).toMatchObject(expected);
      expect(await readFile(scene.file, 'utf8')).toBe(before);
      expect(await scene.isAlive()).toBe(true);
    },
    60_000,
  );

  test('for which xAI has no codes fails at once, and leaves the old login', async () => {
    const { scene, before, result, shown } = await signIn(grokServer({ hasCodes: false }), () => {});
    expect(result).toMatchObject({ details: { reason: expect.stringContaining('does not offer') } });
    expect(shown).toEqual([]);
    expect(await readFile(scene.file, 'utf8')).toBe(before);
    expect(await scene.opened()).toBe('');
  }, 60_000);
});
