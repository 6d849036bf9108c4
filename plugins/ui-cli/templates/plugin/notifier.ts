import { contractTest, type PluginTemplate } from './template.ts';

/** A notifier that posts notices to a web hook. */
export const notifier: PluginTemplate = id => ({ source: source(id), test: test() });

const source = (
  id: string,
): string => `import { defineNotifier, type Notice, type NotifierContext } from 'session-keepalive/sdk';

export interface Options {
  /** Each channel needs its own id. */
  readonly id?: string;
  /** Where notices are posted. */
  readonly url?: string;
}

/** Posts notices as JSON. */
export default function create({ id = '${id}', url = 'https://hooks.${id}.example/notices' }: Options = {}) {
  async function post({ title, body, action }: Notice, { fetch, signal }: NotifierContext): Promise<void> {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ title, body, action }),
      signal,
    });
    // The kernel logs an error. It tries again only if the request itself failed.
    if (!response.ok) throw new Error(\`The channel answered HTTP \${response.status}.\`);
  }

  return defineNotifier({ id, place: 'in ${id}', raise: post });
}
`;

const test = (): string => `${contractTest}
const notice = {
  id: 'work:login-required',
  session: 'work',
  level: 'error',
  code: 'login-required',
  title: 'Sign in again',
  body: 'The login has ended.',
  raisedAt: 0,
} as const;

test('a notice is posted', async () => {
  const context = fakeContext({ fetch: () => new Response(null, { status: 204 }) });
  await create({ url: 'http://127.0.0.1/notices' }).raise(notice, context);
  expect(context.calls.fetch).toMatchObject([{ method: 'POST', url: 'http://127.0.0.1/notices' }]);
});

test('a refusal is an error', async () => {
  const context = fakeContext({ fetch: () => new Response(null, { status: 403 }) });
  await expect(create().raise(notice, context)).rejects.toThrow('HTTP 403');
});
`;
