import codex, { type CodexOptions } from '../../../plugins/codex/index.ts';
import { converse, fakeContext, type FakeContext, type FakeOverrides } from '../../../sdk/testing/index.ts';
import { codexLogin, type LoginFacts } from './codex-login.ts';
import { trusted } from './trusted.ts';

export const NOW = Date.UTC(2026, 0, 10);
export const MINUTE = 60_000;
export const DAY = 1_440 * MINUTE;
export const AUTH = '~/.codex/auth.json';

export const RENEWED: LoginFacts = {
  issuedAt: NOW,
  expiresAt: NOW + 10 * DAY,
  refreshedAt: NOW,
  refresh: 'CANARY-refresh-2',
};
export const HALFWAY: LoginFacts = { issuedAt: NOW - 6 * DAY, expiresAt: NOW + 4 * DAY };
export const YOUNG: LoginFacts = { issuedAt: NOW - DAY, expiresAt: NOW + 9 * DAY };

const TABLE = trusted('codex', 'app-server');
/** The provider, with waits that take no time. */
export const provider = (options: CodexOptions = {}) => codex(options, async () => {}, TABLE);

export const file = (text: string) => ({ [AUTH]: text });
export const login = (facts: LoginFacts) => file(codexLogin({ refreshedAt: NOW - DAY, ...facts }));

/** A machine with a codex whose renewal runs `renew`. Without `renew` there is no codex. */
export function machine(
  files: Readonly<Record<string, string>>,
  renew?: (context: FakeContext) => object,
  world: FakeOverrides = {},
): FakeContext {
  const context: FakeContext = fakeContext({
    now: () => NOW,
    files,
    ...(renew && { programs: { codex: '/bin/codex' } }),
    exec: async call => {
      let stderr = '';
      await converse(call, line => {
        const { id, method, params } = JSON.parse(line);
        if (method === 'initialize')
          return ['not JSON', JSON.stringify({ method: 'note' }), JSON.stringify({ id, result: {} })];
        if (method !== 'account/read') return [];
        context.log.debug({ refreshToken: params.refreshToken }, 'asked for the account');
        if (params.refreshToken !== true) return [JSON.stringify({ id, result: { account: {} } })];
        const { log = '', ...reply } = { log: '', ...renew?.(context) };
        stderr = log;
        return [JSON.stringify({ id, ...reply })];
      });
      return { stderr };
    },
    ...world,
  });
  return context;
}

/** A codex that renews. */
export const renewing = ({ files }: FakeContext) => {
  files.write(AUTH, codexLogin(RENEWED));
  return { result: { account: { type: 'chatgpt' } } };
};
