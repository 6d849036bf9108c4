/** The files of a plugin that works: it has a tool refresh its own login, and believes only what its file says then. */
export const pluginFiles = (id: string): Readonly<Record<string, string>> => ({
  'package.json': `${JSON.stringify(manifest(id), null, 2)}\n`,
  'index.ts': source(id),
  'index.test.ts': test(id),
});

const manifest = (id: string) => ({
  name: `keepalive-plugin-${id}`,
  version: '0.1.0',
  type: 'module',
  exports: './index.ts',
  files: ['index.ts'],
  scripts: { test: 'vitest run' },
  keepalivePlugin: { apiVersion: 1 },
  peerDependencies: { 'session-keepalive': '^0' },
  devDependencies: { vitest: '^4' },
});

const source = (id: string): string => `import { defineProvider, type InspectContext } from 'session-keepalive/sdk';

export interface Options {
  /** Another id for each further account. */
  readonly id?: string;
  /** Where the tool keeps its login. */
  readonly file?: string;
}

/** Has the tool \`${id}\` refresh its own login, and believes only what its file says then. */
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
      // Thrown is what was not expected: it is tried again, ever more slowly, and counted.
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

test('it keeps the contract of every provider', async () => {
  const { checks } = await testProvider(create);
  expect(checks.filter(({ problem }) => problem)).toEqual([]);
});

test('a login that lasts is left alone', async () => {
  const context = fakeContext({ files: { [FILE]: login('2026-01-02') } });
  expect(await provider.refresh(context)).toMatchObject({ status: 'fresh' });
  expect(context.calls.exec).toEqual([]);
});

test('a login that ends soon is renewed by its own tool', async () => {
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

test('no one is signed in', async () => {
  const outcome = await provider.refresh(fakeContext());
  expect(outcome).toMatchObject({ status: 'unavailable', hint: 'Sign in: run \`${id} login\`.' });
});
`;
