import { converse, type ExecCall, type FakeFiles } from '../../../sdk/testing/index.ts';
import { claudeLogin, EMPTIED } from '../vendors/claude-login.ts';
import type { WeekVendors } from './week-vendors.ts';

type Tokens = { readonly access_token: string; readonly refresh_token: string; readonly expires_in: number };

const CLAUDE_WINDOW_MS = 300_000;

/** The parts of the vendors' programs that a keeper uses. */
export const weekPrograms = (files: FakeFiles, vendors: WeekVendors, now: () => number) => async (call: ExecCall) => {
  if (call.args[0] === '--version') return { stdout: '2.1.330 (Claude Code)\n' };
  return call.program === '/bin/claude' ? renewClaude(call) : serveCodex(call);

  async function renewClaude({ options: { env } }: ExecCall) {
    const store = `${env?.['CLAUDE_CONFIG_DIR'] ?? '~/.claude'}/.credentials.json`;
    const {
      claudeAiOauth: { expiresAt, refreshToken, refreshTokenExpiresAt },
    } = JSON.parse((await files.read(store)) ?? '');
    if (expiresAt - now() > CLAUDE_WINDOW_MS) return { exitCode: 1 };
    const { status, tokens } = await spend('https://platform.claude.com/v1/oauth/token', refreshToken);
    if (status === 400) files.write(store, EMPTIED);
    if (!tokens) return { exitCode: 1, stderr: `OAuth refresh failed: Request failed with status code ${status}` };
    const { access_token: access, refresh_token: refresh, expires_in: seconds } = tokens;
    files.write(
      store,
      claudeLogin({ access, refresh, expiresAt: now() + seconds * 1_000, loginExpiresAt: refreshTokenExpiresAt }),
    );
    return { exitCode: 1 };
  }

  async function serveCodex(started: ExecCall) {
    const store = `${started.options.env?.['CODEX_HOME'] ?? '~/.codex'}/auth.json`;
    const login = JSON.parse((await files.read(store)) ?? '');
    let renewal: ReturnType<typeof spend> | undefined;
    await converse(started, line => {
      const { id, method, params } = JSON.parse(line);
      if (method === 'account/read' && params.refreshToken)
        renewal = spend('https://auth.openai.com/oauth/token', login.tokens.refresh_token);
      return id ? [JSON.stringify({ id, result: { account: {} } })] : [];
    });
    const { status, tokens } = (await renewal) ?? {};
    if (!tokens) return { stderr: `Failed to refresh token status=${status}` };
    const { access_token, refresh_token } = tokens;
    const last_refresh = new Date(now()).toISOString();
    files.write(
      store,
      JSON.stringify({ ...login, tokens: { ...login.tokens, access_token, refresh_token }, last_refresh }),
    );
    return {};
  }

  /** Without a status, the request failed on the network. */
  async function spend(url: string, token: string): Promise<{ readonly status?: number; readonly tokens?: Tokens }> {
    try {
      const response = vendors.answer(url, JSON.stringify({ refresh_token: token }));
      const { status, ok } = response;
      return ok ? { status, tokens: JSON.parse(await response.text()) } : { status };
    } catch {
      return {};
    }
  }
};
