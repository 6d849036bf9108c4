import { expect, test } from 'vitest';
import type { ClaudeOptions } from '../../../plugins/claude/index.ts';
import { fakeContext, type FakeOverrides } from '../../../sdk/testing/index.ts';
import { claudeLogin } from '../../support/vendors/claude-login.ts';
import { HOUR, MINUTE, NOW, provider, YOUNG } from '../../support/vendors/claude-machine.ts';

const attributes = (changedAt: number) => `keychain: "/Users/you/Library/Keychains/login.keychain-db"
attributes:
    "acct"<blob>="you"
    "cdat"<timedate>=0x32  "20250101000000Z\\000"
    "mdat"<timedate>=0x32  "${new Date(changedAt).toISOString().replace(/[-:T]|\.\d+/g, '')}\\000"
`;

/** A Mac whose keychain was changed at these times, one after each touch. */
function mac(changes: readonly number[], world: FakeOverrides = {}) {
  const left = [...changes];
  return fakeContext({
    now: () => NOW,
    programs: { claude: '/bin/claude' },
    exec: ({ program, args }) => {
      if (program === 'security') return left[0] === undefined ? { exitCode: 44 } : { stdout: attributes(left[0]) };
      if (args[0] === '--version') return { stdout: '2.1.330' };
      if (left.length > 1) left.shift();
      return { exitCode: 1 };
    },
    fetch: () => new Response(null, { status: 405 }),
    ...world,
  });
}

test.each<[string, readonly number[], ClaudeOptions, object]>([
  ['renewed an hour ago', [NOW - HOUR], {}, { status: 'fresh', method: 'touch' }],
  ['about to expire, by its age', [NOW - 8 * HOUR + 4 * MINUTE, NOW], {}, { status: 'refreshed', method: 'touch' }],
  [
    'long expired, by its age, in a terminal',
    [NOW - 12 * HOUR, NOW],
    { touch: 'status' },
    { status: 'refreshed', method: 'touch' },
  ],
  ['old, but claude renews nothing', [NOW - 9 * HOUR], {}, { status: 'deferred', method: 'touch' }],
  ['with the method redeem', [NOW - 9 * HOUR], { method: 'redeem' }, { status: 'unavailable' }],
  ['only observed', [NOW - 9 * HOUR], { method: 'observe' }, { status: 'fresh', method: 'observe' }],
])('a login in the keychain, %s', async (_name, changes, options, expected) => {
  const context = mac(changes);
  expect(await provider(options, 'darwin').refresh(context)).toMatchObject(expected);
  const looks = context.calls.exec.filter(({ program }) => program === 'security');
  expect(looks.length).toBeGreaterThan(0);
  expect(looks.flatMap(({ args }) => args).filter(arg => ['-w', '-g'].includes(arg))).toEqual([]);
  expect(context.calls.fetch.filter(({ method }) => method !== 'HEAD')).toEqual([]);
});

test('without an item, the file is used', async () => {
  const files = { '~/.claude/.credentials.json': claudeLogin(YOUNG) };
  expect(await provider({}, 'darwin').refresh(mac([], { files }))).toMatchObject({
    status: 'fresh',
    expiresAt: new Date(NOW + HOUR),
  });
  expect(await provider({}, 'darwin').refresh(mac([]))).toMatchObject({ status: 'unavailable' });
});

test.each<[ClaudeOptions, Record<string, string>, string]>([
  [{}, {}, ''],
  [{ home: '~/.claude' }, { CLAUDE_CONFIG_DIR: '/a' }, ''],
  [{ home: '/a' }, {}, '-6a50dc85'],
  [{}, { CLAUDE_CONFIG_DIR: '/a' }, '-6a50dc85'],
  [{}, { CLAUDE_CONFIG_DIR: '/b', CLAUDE_SECURESTORAGE_CONFIG_DIR: '/a' }, '-6a50dc85'],
  [{}, { CLAUDE_CONFIG_DIR: '/b', CLAUDE_SECURESTORAGE_CONFIG_DIR: '' }, ''],
])('the item of %o with %o is named as claude names it', async (options, env, suffix) => {
  const context = mac([NOW], { env });
  await provider(options, 'darwin').refresh(context);
  expect(context.calls.exec[0]?.args).toEqual(['find-generic-password', '-s', `Claude Code-credentials${suffix}`]);
});

test.each([
  ['a locked keychain', { exitCode: 36 }, 'KA_STORE_LOCKED'],
  ['a dialog that the user dismissed', { exitCode: 128 }, 'KA_STORE_LOCKED'],
  ['a dialog without an answer', { timedOut: true, exitCode: undefined }, 'KA_STORE_LOCKED'],
  ['an item without a date', { stdout: attributes(NOW).replace('mdat', 'cdat') }, 'KA_STORE_UNREADABLE'],
  [
    'a date in the name of an account',
    { stdout: '    "acct"<blob>="mdat"<timedate>="20990101000000Z"' },
    'KA_STORE_UNREADABLE',
  ],
])('%s is not taken for a user who is not signed in', async (_name, answer, code) => {
  const context = mac([], { exec: () => ({ stdout: '', ...answer }) });
  await expect(provider({}, 'darwin').refresh(context)).rejects.toMatchObject({ code });
});

test('an inspection does not read the keychain, but sees whether there is an account', async () => {
  const files = { '~/.claude.json': '{"oauthAccount":{"emailAddress":"CANARY"}}' };
  expect(await provider({}, 'darwin').inspect?.(mac([], { files }))).toMatchObject({
    present: true,
    assumed: true,
    store: 'the keychain item "Claude Code-credentials"',
    method: 'touch',
  });
  expect(await provider({}, 'darwin').inspect?.(mac([]))).toMatchObject({ present: false });
  expect(await provider().inspect?.(mac([], { files }))).toMatchObject({ present: false });
});
