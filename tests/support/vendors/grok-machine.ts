import grok, { type GrokOptions } from '../../../plugins/grok/index.ts';
import { fakeContext, type ExecCall, type FakeContext, type FakeOverrides } from '../../../sdk/testing/index.ts';
import { grokLogin } from './grok-login.ts';
import { trusted } from './trusted.ts';

export const NOW = Date.UTC(2026, 0, 10);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const AUTH = '~/.grok/auth.json';

/** A login that expires in so many minutes, and lives for 6 hours. */
export const text = (minutes: number, mark = '1'): string => {
  const expiresAt = NOW + minutes * MINUTE;
  const marked = { access: `CANARY-access-${mark}`, refresh: `CANARY-refresh-${mark}` };
  return grokLogin({ ...marked, issuedAt: expiresAt - 6 * HOUR, expiresAt });
};
export const login = (minutes: number) => ({ [AUTH]: text(minutes) });
export const RENEWED = text(360, '2');

const TABLE = trusted('grok', 'sessions list');
/** The provider, with waits that take no time. */
export const provider = (options: GrokOptions = {}) => grok(options, async () => {}, TABLE);

/** What grok does, and prints. */
export type Act = (context: FakeContext, call: ExecCall) => object | Promise<object>;

/** A machine with a grok that does this when it is run. */
export function machine(
  files: Readonly<Record<string, string>>,
  act: Act = () => ({}),
  world: FakeOverrides = {},
): FakeContext {
  const context: FakeContext = fakeContext({
    now: () => NOW,
    files,
    programs: { grok: '/bin/grok' },
    exec: call => act(context, call),
    ...world,
  });
  return context;
}

export const renewing: Act = ({ files }) => {
  files.write(AUTH, RENEWED);
  return { stdout: 'No sessions found.' };
};

/** What grok prints with RUST_LOG=warn if the token endpoint refuses. */
export const refused = (status: number, code = 'server_error', body = `{"error":"${code}"}`) => ({
  stdout: 'No sessions found.',
  stderr:
    `\u001b[2m2026-11-29T23:00:34.219719Z\u001b[0m \u001b[33m WARN\u001b[0m OIDC: token refresh HTTP error ` +
    `\u001b[3mhttp_status\u001b[0m\u001b[2m=\u001b[0m${status} \u001b[3moauth2_error\u001b[0m\u001b[2m=\u001b[0m` +
    `Some("${code}") rt_prefix="ARY-refresh-1"\n` +
    `WARN OIDC: token refresh failed error=OIDC token refresh failed: HTTP ${status} — ${body}\n`,
});
