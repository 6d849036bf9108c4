import { describe, expect, test } from 'vitest';
import { defineSession, type SessionOptions, type StoredLogin, type TokenFile } from '../../../sdk/recipes/index.ts';
import { fakeContext, type FakeOverrides } from '../../../sdk/testing/index.ts';

const NOW = Date.UTC(2026, 0, 1);
const FILE = '~/.acme/token.json';
const tokens = JSON.stringify({ access: 'CANARY-access', refresh: 'CANARY-refresh' });

const tokenFile: TokenFile = {
  file: FILE,
  tokenEndpoint: 'https://auth.acme.example/token',
  clientId: 'acme',
  paths: { access: 'access', refresh: 'refresh' },
  signIn: 'Run `acme login`.',
};

/** A session with this login that can be touched and redeemed. */
const session = (login: Partial<StoredLogin> = {}, options: Partial<SessionOptions> = {}) =>
  defineSession(
    {
      id: 'acme',
      displayName: 'Acme',
      owner: 'acme',
      program: 'acme',
      policy: {},
      method: 'auto',
      look: async () => ({ store: FILE, signIn: 'Run `acme login`.', fingerprint: 'f', ...login }),
      files: () => [FILE],
      touch: { run: async () => ({ status: 'refreshed', method: 'touch' }) },
      redeem: { tokenFile: () => tokenFile, note: 'Without acme.' },
      ...options,
    },
    async () => {},
  );

const context = (world: FakeOverrides = {}) => fakeContext({ now: () => NOW, files: { [FILE]: tokens }, ...world });
const programs = { acme: '/bin/acme' };
const fetch = () => Response.json({ access_token: 'CANARY-2', refresh_token: 'CANARY-3' });
const past = new Date(NOW - 1);

describe('the order of the steps', () => {
  test.each<[string, Partial<StoredLogin>, Partial<SessionOptions>, FakeOverrides, object]>([
    ['auto touches with the program', {}, {}, { programs }, { status: 'refreshed', method: 'touch' }],
    ['auto redeems without it', {}, {}, { fetch }, { status: 'refreshed', method: 'redeem' }],
    ['auto observes if neither is possible', {}, { redeem: undefined }, {}, { status: 'fresh', method: 'observe' }],
    ['not due is fresh', { dueAt: NOW + 1 }, {}, { programs }, { status: 'fresh', method: 'touch' }],
    ['force renews anyway', { dueAt: NOW + 1 }, {}, { programs, force: true }, { status: 'refreshed' }],
    ['an emptied store ends the login', { blank: true }, {}, { programs }, { status: 'login-required' }],
    ['a token that nothing renews is good until its end', { isFixed: true }, {}, { programs }, { method: 'observe' }],
    ['and then ended', { isFixed: true, loginExpiresAt: past }, {}, { programs }, { status: 'login-required' }],
    [
      'an expired token is deferred if observed',
      { expiresAt: past },
      { method: 'observe' },
      {},
      { status: 'deferred' },
    ],
    [
      'the owner goes first',
      {},
      { standAside: async () => ({ status: 'deferred', reason: 'busy' }) },
      { programs },
      { status: 'deferred', method: 'touch' },
    ],
    [
      'a login that only the owner can renew is not redeemed',
      {},
      { redeem: { tokenFile: () => undefined, note: '' } },
      { fetch },
      { status: 'unavailable', method: 'redeem' },
    ],
  ])('%s', async (...[_name, login, options, world, expected]) => {
    expect(await session(login, options).refresh(context(world))).toMatchObject(expected);
  });
});

test('a refresh token is never sent over plain HTTP', async () => {
  const tokenEndpoint = 'http://auth.acme.example/token';
  const plain = { redeem: { tokenFile: () => ({ ...tokenFile, tokenEndpoint }), note: '' } };
  const here = context({ fetch });
  await expect(session({}, plain).refresh(here)).rejects.toMatchObject({ code: 'KA_CONFIG_INVALID' });
  expect(here.calls.fetch).toEqual([]);
});

test('an inspection runs no program, although its context could', async () => {
  let canRun = true;
  const look: SessionOptions['look'] = async ({ exec }) => {
    canRun = exec !== undefined;
    return { hint: 'Run `acme login`.' };
  };
  expect(await session({}, { look }).inspect?.(context({ programs }))).toMatchObject({ present: false });
  expect(canRun).toBe(false);
});
