import { DAY, type Canary, type CanarySession, type CanaryWorld } from '../support/canary/canary-world.ts';
import { claudeLogin } from '../support/vendors/claude-login.ts';

const MINUTE = 60_000;

const canary: Canary = world => [
  ...realSession(world),
  ...named(world),
  ...world.touched({
    name: 'claude',
    isReal: world.real('claude') !== undefined,
    place: suffix => [`.claude${suffix}/.credentials.json`, suffix ? { home: `~/.claude${suffix}` } : {}],
    text: (mark, expiresAt) =>
      claudeLogin({
        expiresAt,
        loginExpiresAt: Date.now() + 20 * DAY,
        access: `CANARY-claude-access-${mark}`,
        refresh: `CANARY-claude-refresh-${mark}`,
      }),
    broken: 'failed',
  }),
  ...(world.vendors.proxy
    ? [
        {
          id: 'claude-redeem',
          entry: ['claude', { id: 'claude-redeem', home: '~/.claude-redeem', method: 'redeem' }],
          outcome: 'refreshed',
          files: { '.claude-redeem/.credentials.json': world.vendors.claude.signIn(-MINUTE).text },
        },
      ]
    : []),
];
export default canary;

/** A login beside which claude has written the account. */
const named = ({ email, later }: CanaryWorld): readonly CanarySession[] => [
  {
    id: 'claude-named',
    entry: ['claude', { id: 'claude-named', home: '~/.claude-named', method: 'observe' }],
    outcome: 'fresh',
    files: {
      '.claude-named/.credentials.json': claudeLogin({ expiresAt: later, refresh: 'CANARY-claude-named' }),
      '.claude-named/.claude.json': JSON.stringify({ oauthAccount: { emailAddress: email } }),
    },
  },
];

/** A session that the real program renews, if it is installed. */
function realSession({ vendors: { claude }, real, email }: CanaryWorld): readonly CanarySession[] {
  const program = real('claude');
  if (program === undefined) return [];
  const oauthAccount = { accountUuid: 'u', emailAddress: email, organizationUuid: 'o' };
  const files = {
    '.claude/.credentials.json': claude.signIn(-MINUTE).text,
    '.claude.json': JSON.stringify({ hasCompletedOnboarding: true, oauthAccount }),
  };
  return [{ id: 'claude', entry: ['claude', { program }], outcome: 'refreshed', files }];
}
