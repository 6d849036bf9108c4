import type { PluginTemplate } from './template.ts';

/** A provider without a recipe: a tool renews its own login, and only the file that it writes counts. */
export const custom: PluginTemplate = id => ({ source: source(id), test: test(id) });

const source = (id: string): string => `import { defineProvider, type InspectContext } from 'session-keepalive/sdk';

export interface Options {
  /** Each account needs its own id. */
  readonly id?: string;
  /** Where the tool keeps its login. */
  readonly file?: string;
}

/** Makes the tool \`${id}\` renew its own login, and believes only what its file shows afterwards. */
export default function create({ id = '${id}', file = '~/.${id}/login.json' }: Options = {}) {
  async function expiryOf({ files, conceal }: InspectContext): Promise<Date | undefined> {
    const text = await files.read(file);
    if (text === undefined) return undefined;
    const { token, expiresAt } = JSON.parse(text);
    conceal(token);
    return new Date(expiresAt);
  }

  return defineProvider({
    id,
    displayName: '${id}',
    policy: { schedule: { mode: 'before-expiry', buffer: '5m' } },

    async inspect(context) {
      const expiresAt = await expiryOf(context);
      return { present: expiresAt !== undefined, store: file, owner: '${id}', method: 'touch', expiresAt };
    },

    async refresh(context) {
      const { exec, now, force, refreshBefore, signal } = context;
      const before = await expiryOf(context);
      if (!before) return { status: 'unavailable', hint: 'Sign in: run \`${id} login\`.' };
      if (!force && before.getTime() - now() > refreshBefore) return { status: 'fresh', expiresAt: before };

      await exec('${id}', ['auth', 'refresh'], { signal });
      const after = await expiryOf(context);
      // The kernel counts errors, and retries.
      if (!after || after <= before) throw new Error('${id} did not renew its login.');
      return { status: 'refreshed', expiresAt: after, method: 'touch' };
    },
  });
}
`;

const test = (id: string): string => `import { expect, test } from 'vitest';
import { fakeContext, testProvider } from 'session-keepalive/testing';
import create from './index.ts';

const FILE = '/login.json';
const provider = create({ file: FILE });
const login = (expiresAt: string) => JSON.stringify({ token: 'CANARY-token', expiresAt });

test('it passes the contract of every provider', async () => {
  const { checks } = await testProvider(create);
  expect(checks.filter(({ problem }) => problem)).toEqual([]);
});

test('a fresh login is left alone', async () => {
  const context = fakeContext({ files: { [FILE]: login('2026-01-02') } });
  expect(await provider.refresh(context)).toMatchObject({ status: 'fresh' });
  expect(context.calls.exec).toEqual([]);
});

test('the tool renews a login that is about to expire', async () => {
  const context = fakeContext({
    files: { [FILE]: login('2026-01-01T00:01:00Z') },
    exec: () => {
      context.files.write(FILE, login('2026-01-01T01:00:00Z'));
      return {};
    },
  });
  const expiresAt = new Date('2026-01-01T01:00:00Z');
  expect(await provider.refresh(context)).toMatchObject({ status: 'refreshed', expiresAt });
});

test('without a login it says how to sign in', async () => {
  const hint = 'Sign in: run \`${id} login\`.';
  expect(await provider.refresh(fakeContext())).toMatchObject({ status: 'unavailable', hint });
});
`;
