import { describe, expect, test } from 'vitest';
import { Scrubber } from '../../../runtime/log/redact.ts';
import { clause, sentence } from '../../../sdk/wording/sentence.ts';

describe('text from plugins and vendors', () => {
  test.each([
    ['a JWT', 'token eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln here', 'token [secret] here'],
    ['a JWT after a dash, where a word begins', 'x-eyJ.eyJ-eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0', 'x-eyJ.[secret]'],
    ['a JWT cut short', 'eyJhbGciOiJSUzI1NiJ9.eyJ', 'eyJhbGciOiJSUzI1NiJ9.eyJ'],
    ['a header on its next line', 'cookie:\n  "sid=abc"', 'cookie:\n  "[secret]"'],
    ['a key by its prefix', 'used sk-ant-oat01-abcdefgh.', 'used [secret]'],
    ['a bearer token', 'authorized by Bearer abcdefgh12345', 'authorized by Bearer [secret]'],
    [
      'a form',
      'grant_type=refresh_token&refresh_token=abcdef&client_id=x',
      'grant_type=refresh_token&refresh_token=[secret]&client_id=x',
    ],
    ['JSON', '{"access_token":"abcdef","expires_in":60}', '{"access_token":"[secret]","expires_in":60}'],
    [
      'JSON within JSON',
      String.raw`{"message":"{\"refresh_token\": \"abcdef\"}"}`,
      String.raw`{"message":"{\"refresh_token\": \"[secret]\"}"}`,
    ],
    [
      'JSON within JSON within JSON',
      String.raw`\\\"client_secret\\\":\\\"abcdef\\\"`,
      String.raw`\\\"client_secret\\\":\\\"[secret]\\\"`,
    ],
    ['a header with several cookies', 'cookie: sid=abc; theme=dark; other=1\nnext', 'cookie: [secret]\nnext'],
    ["a person's address", 'signed in as first.last+tag@mail.example.com, twice', 'signed in as [secret], twice'],
    ['addresses in a row', 'to first@mail.example+second@mail.example.com-third@x.com', 'to [secret]'],
    ['an address after dots', 'see ...first@mail.example.com', 'see ...[secret]'],
    [
      'a version, a path and a time',
      'pkg@1.2.3 in /home/x/.codex/auth.json at 12:00:00',
      'pkg@1.2.3 in /home/x/.codex/auth.json at 12:00:00',
    ],
  ])('%s', (_what, text, clean) => {
    const { scrub } = new Scrubber();
    expect(scrub(text)).toBe(clean);
    expect(scrub(clean)).toBe(clean);
  });

  test('registered secrets are masked anywhere; values too short to distinguish from words are not', () => {
    const { scrub, conceal } = new Scrubber();
    conceal('correct horse');
    conceal('the');
    expect(scrub('the correct horse, and the "correct horse"')).toBe('the [secret], and the "[secret]"');
  });

  test.each([
    ['of two lines', 'first half\nsecond half'],
    ['of two lines with quotes', 'first "half"\r\n  second half'],
    ['that ends with a stop', 'correct horse.'],
  ])('a secret %s is masked in a sentence too', (_what, secret) => {
    const { scrub, conceal } = new Scrubber();
    conceal(secret);
    const text = `${clause(`it refused ${secret}`)}: ${sentence(`the value ${secret} is wrong`)}`;
    expect(scrub(text)).toBe('it refused [secret]: the value [secret] is wrong.');
    expect(JSON.parse(scrub(JSON.stringify(text)))).toBe('it refused [secret]: the value [secret] is wrong.');
  });

  test.each([
    ['in a line of the log', JSON.stringify({ err: 'a "bad\\secret\n+=/" one' })],
    ['in an address', `https://x.example/?t=${encodeURIComponent('bad\\secret\n+=/')}&b=1`],
    ['unchanged', 'a bad\\secret\n+=/ one'],
  ])('registered secrets are masked in any encoding: %s', (_where, text) => {
    const { scrub, conceal } = new Scrubber();
    conceal('bad\\secret\n+=/');
    conceal('half a \ud800 pair');
    expect(scrub(text)).toContain('[secret]');
    expect(scrub(text)).not.toContain('bad');
  });

  // If the time grew with the square of the length, each of these would take minutes or hours and time out.
  test.each([
    ['', 'a.b-c+'],
    ['', 'cookie'],
    ['', 'eyJ-'],
    ['', 'eyJaaaaaaaa-'],
    ['', 'eyJ.'],
    ['cookie=', '\n'],
    ['set-cookie: ', ' '],
    ['cookie', '"'],
    ['password', '\\'],
    ['password=', '"'],
    ['Bearer', ' '],
    ['', 'Bearer\n'],
    ['', 'a@'],
    ['', 'a@a.'],
    ['', 'a@b.cd-'],
    ['', 'a@b.cd-@'],
    ['a@', 'a-'],
    ['', '1//a-'],
    ['', 'sk-'],
  ])('a megabyte that begins with "%s" and continues with %j is fast', (head, unit) => {
    const { scrub } = new Scrubber();
    expect(scrub(`${head}${unit.repeat(2 ** 20 / unit.length)} password=abcdef`)).toMatch(/\[secret\]$/);
  });
});

test('a JSON value is cleaned string by string and keeps its shape; names of secrets mask their values', () => {
  const { clean, conceal } = new Scrubber();
  conceal('ab"cdefghi');
  expect(
    clean({
      list: ['x ab"cdefghi', 7, null, true],
      password: 'abc',
      nested: { 'api-key': 'x', message: 'password=ab\\"' },
    }),
  ).toEqual({
    list: ['x [secret]', 7, null, true],
    password: '[secret]',
    nested: { 'api-key': '[secret]', message: 'password=ab\\"' },
  });
});
