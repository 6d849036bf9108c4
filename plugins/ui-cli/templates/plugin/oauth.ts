import { testHead, type PluginTemplate } from './template.ts';

/** A provider for an OAuth token file. */
export const oauth: PluginTemplate = id => ({ source: source(id), test: test() });

const source = (id: string): string => `import { defineOAuthSession } from 'session-keepalive/recipes';

export interface Options {
  /** Each account needs its own id. */
  readonly id?: string;
  /** The JSON file that holds the tokens. */
  readonly file?: string;
  /** Where refresh tokens are spent. */
  readonly tokenEndpoint?: string;
}

/** Renews the access token in a file. Use it only if no other program renews it. */
export default function create({
  id = '${id}',
  file = '~/.${id}/token.json',
  tokenEndpoint = 'https://auth.${id}.example/token',
}: Options = {}) {
  return defineOAuthSession({
    id,
    file,
    tokenEndpoint,
    clientId: '${id}',
    // Where the values are in the file: keys joined by dots.
    paths: { access: 'access_token', refresh: 'refresh_token', expiresAt: 'expires_at' },
    signIn: 'Sign in: run \`${id} login\`.',
  });
}
`;

const test = (): string => `${testHead(`const FILE = '/token.json';
const provider = create({ file: FILE });
const tokens = (expiresAt: string) =>
  JSON.stringify({ access_token: 'CANARY-access', refresh_token: 'CANARY-refresh', expires_at: expiresAt });`)}
test('a fresh token is not spent', async () => {
  const context = fakeContext({ files: { [FILE]: tokens('2026-01-02T00:00:00Z') } });
  expect(await provider.refresh(context)).toMatchObject({ status: 'fresh' });
  expect(context.calls.fetch).toEqual([]);
});

test('a token that is about to expire is renewed, and stored', async () => {
  const reply = { access_token: 'CANARY-new', refresh_token: 'CANARY-next', token_type: 'bearer', expires_in: 3_600 };
  const context = fakeContext({
    files: { [FILE]: tokens('2026-01-01T00:01:00Z') },
    fetch: () => Response.json(reply),
  });
  const expiresAt = new Date('2026-01-01T01:00:00Z');
  expect(await provider.refresh(context)).toMatchObject({ status: 'refreshed', expiresAt });
  expect(JSON.parse((await context.files.read(FILE)) ?? '')).toMatchObject({ refresh_token: 'CANARY-next' });
});

test('a refusal of the vendor ends the login', async () => {
  const context = fakeContext({
    files: { [FILE]: tokens('2026-01-01T00:01:00Z') },
    fetch: () => Response.json({ error: 'invalid_grant' }, { status: 400 }),
  });
  expect(await provider.refresh(context)).toMatchObject({ status: 'login-required' });
});
`;
