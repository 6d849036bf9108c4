import { testHead, type PluginTemplate } from './template.ts';

/** A provider for a program with a command that renews its login. */
export const command: PluginTemplate = id => ({ source: source(id), test: test(id) });

const source = (id: string): string => `import { defineCommandSession } from 'session-keepalive/recipes';

export interface Options {
  /** Each account needs its own id. */
  readonly id?: string;
  /** The program: a name on the PATH, or a path. */
  readonly program?: string;
  /** The JSON file that the program keeps its login in. */
  readonly store?: string;
}

/** Makes \`${id}\` renew its own login, and believes only what its file shows afterwards. */
export default function create({ id = '${id}', program = '${id}', store = '~/.${id}/login.json' }: Options = {}) {
  return defineCommandSession({
    id,
    run: [program, 'auth', 'refresh'],
    store,
    // Where the expiry is in the store: keys joined by dots.
    expiresAt: 'expiresAt',
    signIn: 'Sign in: run \`${id} login\`.',
  });
}
`;

const test = (id: string): string => `${testHead(`const STORE = '/login.json';
const provider = create({ store: STORE });
const login = (expiresAt: string) => JSON.stringify({ token: 'CANARY-token', expiresAt });
const programs = { '${id}': '/usr/bin/${id}' };`)}
test('a fresh login is left alone', async () => {
  const context = fakeContext({ programs, files: { [STORE]: login('2026-01-02T00:00:00Z') } });
  expect(await provider.refresh(context)).toMatchObject({ status: 'fresh' });
  expect(context.calls.exec).toEqual([]);
});

test('the program renews a login that is about to expire', async () => {
  const context = fakeContext({
    programs,
    files: { [STORE]: login('2026-01-01T00:01:00Z') },
    exec: () => {
      context.files.write(STORE, login('2026-01-01T01:00:00Z'));
      return {};
    },
  });
  const expiresAt = new Date('2026-01-01T01:00:00Z');
  expect(await provider.refresh(context)).toMatchObject({ status: 'refreshed', expiresAt });
});
`;
