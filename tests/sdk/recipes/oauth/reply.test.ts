import { gzipSync, deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readContent } from '../../../../sdk/recipes/oauth/reply.ts';

const TOKENS = { access_token: 'access-1', refresh_token: 'refresh-1', expires_in: 60 };
const JSON_TEXT = JSON.stringify(TOKENS);

const said = (body: string | Uint8Array, end: 'whole' | 'cut' = 'whole') =>
  readContent({ bytes: typeof body === 'string' ? Buffer.from(body) : body, end }, 'refresh-0');
const utf16 = (text: string, mark = '') => Buffer.from(mark + text, 'utf16le');

describe('the formats of tokens', () => {
  test.each<[string, string | Uint8Array]>([
    ["the standard's", JSON_TEXT],
    ['with a byte order mark', `\uFEFF${JSON_TEXT}`],
    ['UTF-16 with a mark', utf16(JSON_TEXT, '\uFEFF')],
    ['UTF-16 without one', utf16(JSON_TEXT)],
    ['UTF-16 with swapped bytes', utf16(JSON_TEXT, '\uFEFF').swap16()],
    ['gzip that no header names', gzipSync(JSON_TEXT)],
    ['gzip without its end', gzipSync(JSON_TEXT).subarray(0, -8)],
    ['deflate that no header names', deflateSync(JSON_TEXT)],
    ['a form', new URLSearchParams({ ...TOKENS, expires_in: '60' }).toString()],
    ['camelCase', '{"accessToken":"access-1","refreshToken":"refresh-1","expiresIn":60}'],
    ['PascalCase', '{"AccessToken":"access-1","RefreshToken":"refresh-1","ExpiresIn":60}'],
    ['under data', `{"ok":true,"data":${JSON_TEXT}}`],
    ['under result', `{"code":0,"msg":"ok","result":${JSON_TEXT}}`],
    ['under authed_user', `{"ok":true,"access_token":"of-the-bot","authed_user":${JSON_TEXT}}`],
    [
      'under data.attributes, in camelCase',
      '{"data":{"attributes":{"accessToken":"access-1","refreshToken":"refresh-1","expiresIn":60}}}',
    ],
    ['the life beside them', '{"expires_in":60,"tokens":{"access_token":"access-1","refresh_token":"refresh-1"}}'],
    ['a list', `[${JSON_TEXT}]`],
    ['JSON in a text', JSON.stringify(JSON_TEXT)],
    ['JSON in a member', JSON.stringify({ statusCode: 200, body: JSON_TEXT })],
    ['behind a guard against scripts', `)]}'\n${JSON_TEXT}`],
    ['behind a loop against scripts', `while(1);${JSON_TEXT}`],
    ['before a remark', `${JSON_TEXT}\n<!-- served by x -->`],
    ['before a second value', `${JSON_TEXT}{"access_token":"x"}`],
    ['the same twice', `{"data":${JSON_TEXT},"copy":${JSON_TEXT}}`],
    ['with the request beside them', `{"request":{"refresh_token":"refresh-0"},"response":${JSON_TEXT}}`],
  ])('%s', (_, body) => {
    const { reply, isTorn } = said(body);
    expect(reply).toMatchObject({ access_token: 'access-1', refresh_token: 'refresh-1' });
    expect([Number(reply?.['expires_in']), isTorn]).toEqual([60, false]);
  });

  test.each<[string, string]>([
    ['two different refresh tokens', `{"a":${JSON_TEXT},"b":{"access_token":"x","refresh_token":"y"}}`],
    ['only the request', '{"ok":true,"request":{"refresh_token":"refresh-0"}}'],
    ['nothing', ''],
    ['null', 'null'],
    ['a page', `<html><script>${JSON_TEXT}</script>`],
    ['empty tokens', '{"access_token":"","refresh_token":""}'],
    ['numbers', '{"access_token":1,"refresh_token":2}'],
    ['nested too deep', `${'{"a":'.repeat(9)}${JSON_TEXT}${'}'.repeat(9)}`],
  ])('in %s there is none', (_, body) => {
    const { reply = {} } = said(body);
    expect(
      [reply['access_token'], reply['refresh_token']].filter(token => typeof token === 'string' && token !== ''),
    ).toEqual([]);
  });
});

describe('a text that was cut off', () => {
  test('is read up to its last whole member, wherever it ends', () => {
    for (let at = 1; at < JSON_TEXT.length; at++) {
      const { reply, isTorn } = said(JSON_TEXT.slice(0, at));
      const whole = Object.fromEntries(
        Object.entries(TOKENS).filter(
          ([name, value]) =>
            JSON_TEXT.indexOf(`"${name}":"${value}"`) >= 0 &&
            JSON_TEXT.indexOf(`"${name}":"${value}"`) + `"${name}":"${value}"`.length <= at,
        ),
      );
      expect(isTorn).toBe(true);
      expect({ ...reply }).toEqual(whole);
    }
  });

  test('is not read as a form, because its last value may be incomplete', () => {
    expect(said('access_token=a&refresh_token=b', 'cut').reply).toBeUndefined();
  });
});

describe('the error codes', () => {
  test.each<[string, string, readonly string[], boolean]>([
    ["the standard's", '{"error":"invalid_grant","error_description":"It is over"}', ['invalid_grant'], true],
    [
      'in an object',
      '{"error":{"code":"refresh_token_reused","type":"invalid_request_error"}}',
      ['refresh_token_reused', 'invalid_request_error'],
      true,
    ],
    ['in a list', '{"errors":[{"code":"invalid_grant"}]}', ['invalid_grant'], true],
    ['as errorCode', '{"errorCode":"invalid_grant"}', ['invalid_grant'], false],
    ['as a form', 'error=bad_refresh_token&error_description=x', ['bad_refresh_token'], true],
    ["Slack's", '{"ok":false,"error":"invalid_refresh_token"}', ['invalid_refresh_token'], true],
    ['a sentence is no code', '{"error":"The token of you@example.test is over"}', [], true],
    ['nor is the token that was sent', '{"error":"refresh-0"}', [], true],
    ['an empty list of errors is no error', `{"errors":[],"error":null,"result":${JSON_TEXT}}`, [], false],
    ['a deeply nested code is ignored', '{"error":"x","help":{"see":{"code":"invalid_grant"}}}', ['x'], true],
  ])('%s', (_, body, codes, isError) => {
    expect(said(body)).toMatchObject({ codes, isError });
  });
});

test.each(['[', '{"a":', '"\\"', ' ', ')', '{"a":1,', '[[],', 'a='])(
  'a megabyte of %j is read to its end, and has no token',
  text => {
    expect(said(text.repeat(1_048_576 / text.length)).reply?.['refresh_token']).toBeUndefined();
  },
);
