import { expect, test } from 'vitest';
import codex from '../../../plugins/codex/index.ts';
import type { FakeOverrides } from '../../../sdk/testing/index.ts';
import { codexLogin, type LoginFacts } from '../../support/vendors/codex-login.ts';
import {
  AUTH,
  DAY,
  HALFWAY,
  MINUTE,
  NOW,
  RENEWED,
  login,
  machine,
  provider,
  renewing,
} from '../../support/vendors/codex-machine.ts';

const expiring = { issuedAt: NOW - 10 * DAY, expiresAt: NOW + 9 * MINUTE };
const expired = { issuedAt: NOW - 10 * DAY, expiresAt: NOW - MINUTE };
const running = (name: string, command?: string): FakeOverrides => ({ processes: [{ pid: 7, name, command }] });
test.each<[string, LoginFacts, FakeOverrides, string]>([
  ['an expired token is only watched', expired, running('codex'), 'deferred'],
  ['even if forced', expired, { ...running('codex'), force: true }, 'deferred'],
  ['a token in its last 10 minutes is only watched', expiring, running('codex.exe'), 'deferred'],
  [
    'one of unknown life too, 8 days after it was renewed',
    { refreshedAt: NOW - 8 * DAY },
    running('codex'),
    'deferred',
  ],
  ['started by an interpreter', expired, running('node', 'node /usr/local/bin/codex exec'), 'deferred'],
  ['under the name of a build', expired, running('codex-x86_64-unknown-linux-musl'), 'deferred'],
  [
    'if processes cannot be listed',
    expired,
    {
      processes: () => {
        throw new Error('no ps');
      },
    },
    'deferred',
  ],
  ['long before the expiry there is no reason to wait', HALFWAY, running('codex'), 'refreshed'],
  ['other programs do not count', expired, running('bash', 'bash -c codex-like'), 'refreshed'],
])('beside a running codex: %s', async (_name, facts, world, status) => {
  const context = machine(login(facts), renewing, world);
  expect(await provider().refresh(context)).toMatchObject({ status });
  expect(context.calls.exec).toHaveLength(status === 'refreshed' ? 1 : 0);
});

test('a token that codex renewed between two reads is fresh', async () => {
  const context = machine(login(expired), renewing);
  const outcome = await codex({}, async ms => {
    if (ms === 1_000) context.files.write(AUTH, codexLogin(RENEWED));
  }).refresh(context);
  expect(outcome).toEqual({ status: 'fresh', expiresAt: new Date(NOW + 10 * DAY), method: 'touch' });
  expect(context.calls.exec).toEqual([]);
});
