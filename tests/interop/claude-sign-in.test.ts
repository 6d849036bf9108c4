import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createExec } from '../../runtime/capabilities/exec.ts';
import { CLAUDE, claudeScene, lackingClaude } from '../support/vendors/claude-scene.ts';
import type { ClaudeServer } from '../support/vendors/claude-server.ts';

const ADDRESS = /https:\/\/(?:claude\.ai|claude\.com|platform\.claude\.com)\/(?:cai\/)?oauth\/authorize\?\S+/;

type Pasted = (address: string) => Promise<string> | string;

async function signedIn(more: Readonly<Record<string, string>> = {}) {
  const scene = await claudeScene(more);
  const exec = createExec({ workDir: join(scene.folder, 'work'), env: scene.env });
  return {
    ...scene,
    run: (...args: readonly string[]) => exec(CLAUDE ?? '', args),
    /** Runs the sign-in, and types what `paste` makes of the address that claude prints. */
    signIn: (paste: Pasted) =>
      exec(CLAUDE ?? '', ['auth', 'login', '--claudeai'], {
        talk: async ({ lines, send }) => {
          for await (const line of lines) {
            const address = ADDRESS.exec(line)?.[0];
            if (address === undefined) continue;
            send(await paste(address));
            return;
          }
        },
      }),
  };
}

describe.skipIf(lackingClaude)(
  `signing in with the real claude (${lackingClaude ? `skipped: ${lackingClaude}` : CLAUDE})`,
  () => {
    test.each<[string, Readonly<Record<string, string>>]>([
      ['short', {}],
      ['full', { CLAUDE_CODE_FULL_SIGN_IN_LINK: '1' }],
    ])(
      'a code from the %s address replaces the login, which is untouched until then',
      async (_name, more) => {
        const { server, account, before, read, isAlive, run, signIn, kept, started } = await signedIn(more);
        const seen: string[] = [];
        const result = await signIn(async address => {
          seen.push(address, server.authorize(address), await read());
          return seen[1] ?? '';
        });
        const [address = '', pasted = '', atPrompt] = seen;
        expect(result).toMatchObject({ exitCode: 0, stderr: '', stdout: expect.stringContaining('Login successful.') });
        expect(atPrompt).toBe(before);
        expect(server.signedIn).toHaveLength(1);
        expect(await isAlive(server.signedIn[0] ?? '')).toBe(true);
        expect(JSON.parse(await read())).toMatchObject({
          mcpOAuth: { kept: true },
          claudeAiOauth: { subscriptionType: 'pro', refreshTokenExpiresAt: expect.any(Number) },
        });
        // The old login lives on at the vendor: claude does not sign it out.
        expect(server.isAlive(account, before)).toBe(true);
        expect(await started()).toEqual([]);
        const texts = await kept();
        expect([address, ...pasted.split('#')].filter(secret => texts.includes(secret))).toEqual([]);
        expect((await run('-p', 'hello')).stdout).toContain('hello from the server');
      },
      60_000,
    );

    test.each<[string, (server: ClaudeServer) => string, string]>([
      ['a wrong code', () => 'wrong#state', "code wasn't accepted"],
      [
        'the code of another sign-in',
        server => server.authorize(`https://claude.ai/oauth/authorize?z-${'A'.repeat(43)}`),
        "code wasn't accepted",
      ],
    ])(
      '%s leaves the old login byte for byte',
      async (_name, paste, message) => {
        const { server, account, before, read, isAlive, signIn } = await signedIn();
        expect(await signIn(() => paste(server))).toMatchObject({
          exitCode: 1,
          stderr: expect.stringContaining(message),
        });
        expect([await read(), await isAlive(account), server.signedIn]).toEqual([before, true, []]);
      },
      60_000,
    );

    test('a line that is no code is refused, and the next one is taken', async () => {
      const { server, isAlive, signIn } = await signedIn();
      expect(await signIn(address => `\nhalf-a-code\n${server.authorize(address)}`)).toMatchObject({
        exitCode: 0,
        stderr: "That doesn't look like the full code. Copy all of it, including the # in the middle.\n".repeat(2),
      });
      expect(await isAlive(server.signedIn[0] ?? '')).toBe(true);
    }, 60_000);

    // So a caller has to keep the old text, and to put it back.
    test('an answer with status 200 and no token loses the old login, which the vendor has not ended', async () => {
      const { server, account, before, read, signIn } = await signedIn();
      server.refuse(200);
      expect(await signIn(server.authorize)).toMatchObject({ exitCode: 1 });
      expect(JSON.parse(await read())).toEqual({ mcpOAuth: { kept: true } });
      expect(server.isAlive(account, before)).toBe(true);
    }, 60_000);

    test.each([400, 429, 500])(
      'a refusal of the exchange with %i leaves the old login byte for byte, and a later sign-in succeeds',
      async status => {
        const { server, account, before, read, isAlive, signIn } = await signedIn();
        server.refuse(status);
        expect(await signIn(server.authorize)).toMatchObject({
          exitCode: 1,
          stderr: expect.stringContaining(`status code ${status}`),
        });
        expect([await read(), await isAlive(account)]).toEqual([before, true]);
        server.refuse(undefined);
        expect(await signIn(server.authorize)).toMatchObject({ exitCode: 0 });
        expect(await isAlive(server.signedIn[0] ?? '')).toBe(true);
      },
      60_000,
    );
  },
);
