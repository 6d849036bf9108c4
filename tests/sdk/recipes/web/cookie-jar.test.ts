import { CookieJar } from 'tough-cookie';
import { describe, expect, test } from 'vitest';
import { cookiesIn, hasEnded, readJar, setCookies } from '../../../../sdk/recipes/web/cookie-jar.ts';
import { fakeFiles } from '../../../../sdk/testing/index.ts';

const NOW = Date.UTC(2026, 0, 1);
const PAGE = 'https://app.acme.test/api/session';

/** The file's text after the site has set cookies. */
async function after(text: string, ...headers: string[]): Promise<string> {
  const found = await readJar(fakeFiles({ '/jar': text }), '/jar', async () => {});
  if (!found) throw new Error('There is no file.');
  // As a request does: it marks cookies as read.
  await found.jar.getCookies(PAGE, { expire: false });
  await setCookies(found.jar, { url: PAGE, headers, sentAt: NOW, answeredAt: NOW });
  return found.format();
}

describe("a jar in tough-cookie's JSON", () => {
  const own = {
    key: 'sid',
    value: 'one',
    domain: 'app.acme.test',
    hostOnly: true,
    path: '/',
    secure: true,
    httpOnly: true,
    maxAge: 60,
    lastAccessed: '2025-12-31T00:00:00.000Z',
    note: 'mine',
  };
  const other = {
    key: 'a',
    value: 'b',
    domain: 'other.test',
    maxAge: 60,
    creation: '2025-01-01T00:00:00.000Z',
    path: '/',
    'x-extension': { deep: [1] },
  };
  const strange = { unknown: true };
  const jar = {
    version: 'tough-cookie@4.0.0',
    storeType: 'FileCookieStore',
    rejectPublicSuffixes: true,
    mine: 12345678901234567890n.toString(),
    cookies: [strange, own, other],
  };
  const text = (cookies: object[], indent?: number) => `${JSON.stringify({ ...jar, cookies }, null, indent)}\n`;

  test.each([undefined, 2, 4])('without changes is written as it was read (indent %s)', async indent => {
    expect(await after(text(jar.cookies, indent))).toBe(text(jar.cookies, indent));
  });

  test('keeps unchanged entries, members and their order', async () => {
    const json = JSON.parse(
      await after(
        text(jar.cookies, 2),
        'sid=two; Max-Age=60; Secure; HttpOnly; Path=/',
        'new=x; Domain=acme.test; Path=/api',
      ),
    );
    expect(json.cookies).toEqual([
      strange,
      {
        ...own,
        value: 'two',
        maxAge: undefined,
        expires: new Date(NOW + 60_000).toISOString(),
        creation: expect.any(String),
        lastAccessed: expect.any(String),
      },
      other,
      expect.objectContaining({ key: 'new', value: 'x', domain: 'acme.test', path: '/api', hostOnly: false }),
    ]);
    expect({ ...json, cookies: [] }).toEqual({ ...jar, cookies: [] });
  });

  test('gets an empty value too', async () => {
    const { cookies } = JSON.parse(await after(text([own]), 'sid=; Max-Age=60; Path=/; Secure; HttpOnly'));
    expect(cookies).toEqual([expect.objectContaining({ key: 'sid', value: '' })]);
  });

  test('is read back by tough-cookie itself', async () => {
    const back = await CookieJar.deserialize(
      JSON.parse(await after(text([own, other]), 'sid=two; Path=/; Secure; HttpOnly')),
    );
    expect(back.getCookiesSync(PAGE).map(cookie => cookie.cookieString())).toEqual(['sid=two']);
  });
});

describe('a cookies.txt', () => {
  const lines = [
    '# Netscape HTTP Cookie File',
    '# https://curl.se/docs/http-cookies.html',
    '',
    'something else',
    '#HttpOnly_app.acme.test\tFALSE\t/\tTRUE\t1767225660\tsid\tone',
    '.acme.test\tTRUE\t/\tFALSE\t0\tempty\t',
    'acme.test\tTRUE\t/\tFALSE\t99999999999\tdotless\tx',
    '# the last one',
    'other.test\tFALSE\t/\tFALSE\t1\told\tx',
  ];
  test.each([
    ['\n', '\n'],
    ['\r\n', '\r\n'],
    ['\n', ''],
  ])('of which nothing was set is written as it was read', async (newline, end) => {
    expect(await after(lines.join(newline) + end)).toBe(lines.join(newline) + (end || newline));
  });

  test('changes only the line that was set, and appends new ones', async () => {
    const set = await after(
      `${lines.join('\r\n')}\r\n`,
      'sid=two; Max-Age=60; Secure; HttpOnly; Path=/',
      'new=x; Domain=acme.test; Path=/api',
    );
    expect(set.split('\r\n')).toEqual([
      ...lines.map(line =>
        line.includes('\tsid\t') ? '#HttpOnly_app.acme.test\tFALSE\t/\tTRUE\t1767225660\tsid\ttwo' : line,
      ),
      '.acme.test\tTRUE\t/api\tFALSE\t0\tnew\tx',
      '',
    ]);
  });
});

describe('a line of a cookies.txt, as other programs write it', () => {
  const sentTo = async (url: string, ...lines: string[]): Promise<string> => {
    const found = await readJar(fakeFiles({ '/jar': lines.join('\n') }), '/jar', async () => {});
    return (await found?.jar.getCookieString(url, { expire: false })) ?? '';
  };
  test.each([
    ['TRUE', '.acme.test\tTRUE\t/\tTRUE\t0\tsid\tx', true],
    ['true', '.acme.test\ttrue\t/\ttrue\t0\tsid\tx', true],
    ['True, as Python writes it', '.acme.test\tTrue\t/\tTrue\t0\tsid\tx', true],
    ['1', '.acme.test\t1\t/\t1\t0\tsid\tx', true],
    ['true without a dot', 'acme.test\ttrue\t/\tTRUE\t0\tsid\tx', true],
    ['a dot and FALSE: no other program writes a dot for one host', '.acme.test\tFALSE\t/\tTRUE\t0\tsid\tx', true],
    ['FALSE without a dot: it is for another host', 'acme.test\tFALSE\t/\tTRUE\t0\tsid\tx', false],
    ['false without a dot', 'acme.test\tfalse\t/\tTRUE\t0\tsid\tx', false],
    ['0 without a dot', 'acme.test\t0\t/\tTRUE\t0\tsid\tx', false],
    ['hidden from scripts', '#HttpOnly_.acme.test\ttrue\t/\ttrue\t0\tsid\tx', true],
    ['two dots', '..acme.test\tTRUE\t/\tTRUE\t0\tsid\tx', true],
    ['a dot at the end, which is another host to browsers too', '.acme.test.\tTRUE\t/\tTRUE\t0\tsid\tx', false],
    ['a path without a slash', '.acme.test\tTRUE\tx\tTRUE\t0\tsid\tx', true],
    ['no path', '.acme.test\tTRUE\t\tTRUE\t0\tsid\tx', true],
    ['a path in quotes', '.acme.test\tTRUE\t"/api"\tTRUE\t0\tsid\tx', true],
    ['another path in quotes', '.acme.test\tTRUE\t"/other"\tTRUE\t0\tsid\tx', false],
  ])('%s', async (_what, line, isSent) => {
    expect(await sentTo(PAGE, line)).toBe(isSent ? 'sid=x' : '');
    expect(await sentTo(PAGE, `\uFEFF# Netscape HTTP Cookie File`, line)).toBe(isSent ? 'sid=x' : '');
    expect(await sentTo(PAGE, `\uFEFF${line}`)).toBe(isSent ? 'sid=x' : '');
  });

  test('a name in another alphabet', async () => {
    for (const host of ['.bücher.test', '.BÜCHER.test', '.xn--bcher-kva.test']) {
      expect(await sentTo('https://app.xn--bcher-kva.test/', `${host}\tTRUE\t/\tTRUE\t0\tsid\tx`)).toBe('sid=x');
    }
  });

  test('no cookie for a public suffix, even if the file has one', async () => {
    expect(await sentTo('https://a.github.io/', '.github.io\tTRUE\t/\tTRUE\t0\tsid\tx')).toBe('');
  });

  test('the byte order mark and other lines are unchanged', async () => {
    const text =
      '\uFEFF# Netscape HTTP Cookie File\n.acme.test\ttrue\t\ttrue\t0\tsid\tx\n.bücher.test\tTrue\t/\tTrue\t0\ta\tb\n';
    expect(await after(text)).toBe(text);
    expect(await after(text, 'sid=y; Domain=acme.test; Path=/; Secure')).toBe(
      text.replace('.acme.test\ttrue\t\ttrue\t0\tsid\tx', '.acme.test\tTRUE\t/\tTRUE\t0\tsid\ty'),
    );
  });
});

describe('what a site can set', () => {
  const LINE = '#HttpOnly_app.acme.test\tFALSE\t/\tFALSE\t0\tsid\tone\n';
  const HEAD = '# Netscape HTTP Cookie File\n';
  test.each<[string, string, string]>([
    ['another value', 'sid=two; HttpOnly; Path=/', LINE.replace('one', 'two')],
    ['an end at once, which removes it', 'sid=; Max-Age=0; Path=/', ''],
    ['an end in the past, which removes it', 'sid=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/', ''],
    ['a negative age, which removes it', 'sid=x; Max-Age=-1; Path=/', ''],
    ['a huge age', 'sid=one; Max-Age=99999999999999; HttpOnly; Path=/', LINE.replace('\t0\t', '\t253402300799\t')],
    [
      'Max-Age before Expires',
      'sid=one; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Path=/',
      LINE.replace('\t0\t', `\t${NOW / 1_000 + 60}\t`),
    ],
    ['nothing for another site', 'sid=evil; Domain=other.test; Path=/', LINE],
    ['nothing for a whole top-level domain', 'sid=evil; Domain=test; Path=/', LINE],
    ['nothing that is not a cookie', ';;;', LINE],
    ['no __Host- cookie for another host', '__Host-a=x; Domain=acme.test; Path=/; Secure', LINE],
  ])('%s', async (_name, header, expected) => {
    expect(await after(HEAD + LINE, header)).toBe(HEAD + expected);
  });
});

describe('a Max-Age counts from when it was set', () => {
  /** Whether the cookie has expired after being read once a second for this long. */
  async function endedAfter(
    seconds: number,
    set: (jar: CookieJar) => Promise<unknown>,
    ended: (jar: CookieJar, now: number) => Promise<boolean>,
  ): Promise<boolean> {
    const jar = new CookieJar();
    await set(jar);
    for (let second = 1; second < seconds; second++) {
      for (const cookie of await jar.store.getAllCookies()) cookie.lastAccessed = new Date(NOW + second * 1_000);
    }
    return ended(jar, NOW + seconds * 1_000);
  }

  test("ends a cookie that is read once a second; by tough-cookie's own count it would not", async () => {
    const header = 'sid=x; Max-Age=3; Path=/';
    const own = await endedAfter(
      10,
      jar => jar.setCookie(header, PAGE, { now: new Date(NOW) }),
      async (jar, now) => {
        const [cookie] = await jar.store.getAllCookies();
        return (cookie?.expiryTime(new Date(now)) ?? 0) <= now;
      },
    );
    const ours = await endedAfter(
      10,
      jar => setCookies(jar, { url: PAGE, headers: [header], sentAt: NOW, answeredAt: NOW }),
      async (jar, now) => {
        const [cookie] = await cookiesIn(jar);
        return cookie !== undefined && hasEnded(cookie, now);
      },
    );
    expect({ own, ours }).toEqual({ own: false, ours: true });
  });
});
