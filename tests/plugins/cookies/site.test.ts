import { lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import cookies from '../../../plugins/cookies/index.ts';
import type { ProviderContext } from '../../../sdk/plugin/provider.ts';
import { cookieSite, type CookieSite } from '../../support/vendors/cookie-site.ts';
import { realContext, temporaryFolder, type RealContext } from '../../support/real-context.ts';

const MINUTE = 60_000;

/** A cookies.txt behind a symbolic link, with a session of the site. */
async function signedIn(site: CookieSite) {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'real'));
  const [link, file] = [join(folder, 'cookies.txt'), join(folder, 'real', 'kept.txt')];
  const expiry = Math.floor(Date.now() / 1_000) + 60;
  const text =
    `# Netscape HTTP Cookie File\n#HttpOnly_127.0.0.1\tFALSE\t/\tFALSE\t${expiry}\tsid\t${site.current()}\n` +
    '127.0.0.1\tFALSE\t/\tFALSE\t0\ttheme\tdark\n';
  await writeFile(file, text, { mode: 0o640 });
  await symlink(file, link);
  const provider = cookies({
    id: 'web',
    jar: link,
    ping: site.page,
    alive: { json: 'user.id' },
    sessionCookies: ['sid'],
  });
  const seen: RealContext[] = [];
  let at = Date.now();
  const refresh = async (later = 0, given: Partial<ProviderContext> = {}) => {
    at += later;
    const time = at;
    const context = realContext(folder, { now: () => time, ...given });
    seen.push(context);
    return provider.refresh(context).catch((error: unknown) => error) as Promise<{
      status?: string;
      code?: string;
      expiresAt?: Date;
    }>;
  };
  return { folder, link, file, text, refresh, seen, read: () => readFile(file, 'utf8') };
}

test('a session whose cookie rotates at every use stays alive', async () => {
  const site = await cookieSite({ lifeSeconds: 600 });
  const { refresh, read, folder, link, file, seen } = await signedIn(site);
  const ends: number[] = [];
  for (let round = 0; round < 6; round++) {
    const outcome = await refresh(round === 0 ? 0 : 6 * MINUTE);
    expect(outcome.status).toBe('refreshed');
    ends.push(outcome.expiresAt?.getTime() ?? 0);
  }
  expect(site.received).toEqual([0, 1, 2, 3, 4, 5].map(count => `sid=CANARY-sid-${count}; theme=dark`));
  expect(ends).toEqual(ends.toSorted((a, b) => a - b));
  expect(new Set(ends).size).toBe(6);
  expect(await read()).toMatch(
    /^# Netscape HTTP Cookie File\n#HttpOnly_127\.0\.0\.1\tFALSE\t\/\tFALSE\t\d+\tsid\tCANARY-sid-6\n127\.0\.0\.1\tFALSE\t\/\tFALSE\t0\ttheme\tdark\n$/,
  );
  expect((await lstat(link)).isSymbolicLink()).toBe(true);
  expect((await stat(file)).mode & 0o777).toBe(0o640);
  expect([await readdir(join(folder, 'real')), await readdir(folder)]).toEqual([['kept.txt'], ['cookies.txt', 'real']]);
  // Every value was concealed before it could be logged.
  expect(seen.flatMap(({ lines }) => lines)).toEqual([]);
  expect(new Set(seen.flatMap(({ concealed }) => [...concealed]))).toEqual(
    new Set([0, 1, 2, 3, 4, 5, 6].map(count => `CANARY-sid-${count}`)),
  );
});

test('a session that is not due costs no request', async () => {
  const site = await cookieSite({ lifeSeconds: 3_600 });
  const { refresh } = await signedIn(site);
  expect([(await refresh()).status, (await refresh(MINUTE)).status, (await refresh(30 * MINUTE)).status]).toEqual([
    'refreshed',
    'fresh',
    'fresh',
  ]);
  expect(site.received).toHaveLength(1);
});

describe('the cookies are unchanged if the site', () => {
  test.each<[CookieSite['mode'], object]>([
    ['out', { status: 'login-required', proof: 'The site answered 401.' }],
    ['portal', { code: 'KA_INTERCEPTED' }],
    ['html-401', { code: 'KA_INTERCEPTED' }],
    ['busy', { status: 'rate-limited' }],
    ['broken', { code: 'KA_OFFLINE' }],
    ['forbidden', { code: 'KA_UNEXPECTED_ANSWER' }],
    ['confirm', { code: 'KA_INEFFECTIVE' }],
  ])('%s', async (mode, expected) => {
    const site = await cookieSite();
    const { refresh, read, text } = await signedIn(site);
    site.mode = mode;
    const outcome = await refresh();
    expect(outcome).toMatchObject(expected);
    expect(JSON.stringify(outcome)).not.toContain('CANARY');
    expect(await read()).toBe(text);
    // The session still works too.
    site.mode = 'rotate';
    expect(await refresh(MINUTE / 2)).toMatchObject({ status: 'refreshed' });
  });
});

test('of two attempts at the same time, one runs and the other is deferred', async () => {
  const site = await cookieSite();
  const { refresh } = await signedIn(site);
  const statuses = (await Promise.all([refresh(), refresh()])).map(({ status }) => status);
  expect(statuses.filter(status => status === 'refreshed')).toHaveLength(1);
  expect(site.received).toHaveLength(1);
});

test('a session that another program used meanwhile has not ended', async () => {
  const site = await cookieSite();
  const { refresh, file, text } = await signedIn(site);
  const other: typeof fetch = async (...request) => {
    // Another program renews and stores the session before our request arrives.
    if (site.received.length === 0) {
      await fetch(site.page, { headers: { cookie: `sid=${site.current()}` } });
      await writeFile(file, text.replace('CANARY-sid-0', site.current()));
    }
    return fetch(...request);
  };
  expect(await refresh(0, { fetch: other })).toMatchObject({ status: 'refreshed' });
  expect(site.received).toEqual(['sid=CANARY-sid-0', 'sid=CANARY-sid-0; theme=dark', 'sid=CANARY-sid-1; theme=dark']);
});
