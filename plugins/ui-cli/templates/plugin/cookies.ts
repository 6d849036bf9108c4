import { testHead, type PluginTemplate } from './template.ts';

/** A provider for a web session. */
export const cookies: PluginTemplate = id => ({ source: source(id), test: test(id) });

const source = (id: string): string => `import { defineCookieSession } from 'session-keepalive/recipes';

export interface Options {
  /** Each account needs its own id. */
  readonly id?: string;
  /** The cookies of the site: a cookies.txt, or the JSON of tough-cookie. */
  readonly jar?: string;
  readonly site?: string;
}

/** Keeps a web session alive by using it. */
export default function create({
  id = '${id}',
  jar = '~/.${id}/cookies.txt',
  site = 'https://app.${id}.example',
}: Options = {}) {
  return defineCookieSession({
    id,
    jar,
    // A page that only a signed-in user gets, and what its JSON has then.
    pings: [\`\${site}/api/session\`],
    alive: { json: ['user'] },
    signIn: \`Sign in at \${site}, and save the cookies to \${jar}.\`,
  });
}
`;

const test = (id: string): string => `${testHead(`const JAR = '/cookies.txt';
const provider = create({ jar: JAR });
const cookie = (expiresAt: string) => {
  const seconds = Date.parse(expiresAt) / 1_000;
  return ['#HttpOnly_app.${id}.example', 'FALSE', '/', 'TRUE', seconds, 'sid', 'CANARY-sid'].join('\\t');
};`)}
test('a session that is about to expire is used, and its new cookie stored', async () => {
  const headers = { 'set-cookie': 'sid=CANARY-next; Max-Age=3600; Path=/; Secure; HttpOnly' };
  const context = fakeContext({
    files: { [JAR]: cookie('2026-01-01T00:01:00Z') },
    fetch: () => Response.json({ user: 'you' }, { headers }),
  });
  const expiresAt = new Date('2026-01-01T01:00:00Z');
  expect(await provider.refresh(context)).toMatchObject({ status: 'refreshed', expiresAt });
  expect(await context.files.read(JAR)).toContain('CANARY-next');
});

test('a 401 ends the session', async () => {
  const context = fakeContext({
    files: { [JAR]: cookie('2026-01-01T00:01:00Z') },
    fetch: () => Response.json({ error: 'signed out' }, { status: 401 }),
  });
  expect(await provider.refresh(context)).toMatchObject({ status: 'login-required' });
});

test('a page of a captive portal is no answer', async () => {
  const context = fakeContext({
    files: { [JAR]: cookie('2026-01-01T00:01:00Z') },
    fetch: () => new Response('<html>Free Wi-Fi</html>', { headers: { 'content-type': 'text/html' } }),
  });
  await expect(provider.refresh(context)).rejects.toMatchObject({ code: 'KA_INTERCEPTED' });
});
`;
