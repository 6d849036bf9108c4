import { expect, test } from 'vitest';
import { clip, toHtml, withoutAddresses } from '../../../../sdk/recipes/notice/text.ts';

test.each([
  ['Open https://claude.ai/login?code=x&state=y now', 'Open [link] now'],
  ['HTTPS://EXAMPLE.COM', '[link]'],
  ['custom-scheme+x://a/b', '[link]'],
  ['(https://a.example/b)', '([link]'],
  ['see www.example.com.', 'see [link]'],
  ['claude.ai/oauth/authorize?x=1 and microsoft.com/devicelogin', '[link] and [link]'],
  ['localhost:1455/callback?code=x', '[link]'],
  ['127.0.0.1:1455/x [::1]', '[link] [::1]'],
  ['https://me@person.test@evil.example/', '[link]'],
  ['me@person.test', '[address]'],
  ['<me.too+tag@mail.person.co.uk>', '<[address]>'],
  ['m…@person.test, Max', '[address], Max'],
  ['mailto:me@person.test', '[address]'],
  ['jürgen@bücher.example', '[address]'],
  ['two: a@b.example,c@d.example', 'two: [address],[address]'],
])('%j becomes %j', (text, clean) => {
  expect(withoutAddresses(text)).toBe(clean);
});

test.each([
  'Run `codex login`, or `npm i -g @openai/codex@0.171.0`.',
  '/home/you/.config/keepalive/keepalive.config.ts: expected a text.',
  '~/.claude-work/.credentials.json can be read by others. It ends on 1/3/2026, 9:00.',
  'C:\\Users\\you\\site.example.com\\x. Port 4321 of 127.0.0.1 is in use.',
  'Use node.js 20.19/22 and @BotFather.',
])('%j stays as it is', text => {
  expect(withoutAddresses(text)).toBe(text);
});

test('a long text is filtered in linear time', () => {
  for (const part of ['a', 'a.', 'a@', 'a.b@', 'http:', '1.', 'www.', '/', ' a.bc/', 'ü@'])
    expect(withoutAddresses(part.repeat(200_000)).length).toBeGreaterThan(0);
});

test('HTML is escaped, with commands as code', () => {
  expect(toHtml('a < b & `c > d` ` e')).toBe('a &lt; b &amp; <code>c &gt; d</code> ` e');
});

test('a text is cut between characters', () => {
  expect([clip('abc', 3), clip('abcd', 3), clip('a\u{1f600}b', 3)]).toEqual(['abc', 'ab…', 'a…']);
});
