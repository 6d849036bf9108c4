import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { loginFailed } from '../../sdk/contract/errors.ts';
import type { Dialogue, ExecResult } from '../../sdk/plugin/process.ts';
import type { InspectContext } from '../../sdk/plugin/provider.ts';
import type { OpenStep, SignIn, SignInContext } from '../../sdk/plugin/sign-in.ts';
import { findOwner } from '../../sdk/recipes/session/define-session.ts';
import type { Wait } from '../../sdk/recipes/store/json-store.ts';
import { grokHome, type GrokHome } from './home.ts';
import { readLogin, XAI } from './login.ts';
import { NO_CODES, reasonOf } from './sign-in-reason.ts';

type Options = {
  /** The folder that the option names. */
  readonly home: string | undefined;
  /** Where grok may be. */
  readonly owner: Parameters<typeof findOwner>[0];
  readonly wait: Wait;
};

/** `grok login --device-auth` keeps the old login until it stores the new one. */
export const grokSignIn = (options: Options): SignIn => ({
  account: 'xAI account',
  hosts: ['accounts.x.ai', 'auth.x.ai', 'x.ai', 'grok.com'],
  steps: { here: ['open'], device: ['open'] },
  run: context => signIn(options, context),
});

/** No browser opens on this machine, and nothing but what the user needs is printed. */
const ALONE = {
  BROWSER: 'none',
  DISPLAY: undefined,
  WAYLAND_DISPLAY: undefined,
  RUST_LOG: undefined,
  GROK_DISABLE_AUTOUPDATER: '1',
};

/** The kernel ends a sign-in sooner. */
const LIMIT_MS = 20 * 60_000;

async function signIn(options: Options, context: SignInContext): Promise<void> {
  const home = grokHome(context, options.home);
  const program = await findOwner(options.owner, context);
  if (program === undefined) throw loginFailed('There is no grok on this machine', `Install grok. ${home.signIn}`);
  const before = await readLogin(home, context, options.wait);
  const isOwn = (await hasOwnIssuer(home, context)) || ('issuer' in before && before.issuer !== XAI);
  if (isOwn) throw loginFailed(OWN_ISSUER, `Run \`grok login\` with GROK_HOME=${home.folder}.`);
  const result = await run(program, home, context);
  const after = await readLogin(home, context, options.wait);
  const known = 'hint' in before ? undefined : before.fingerprint;
  const isStored = result.exitCode === 0 && !('hint' in after) && after.fingerprint !== known;
  if (!isStored) throw loginFailed(reasonOf(result), home.signIn);
}

/** For a sign-in there, grok has no codes, and ends the old login before it opens a browser. */
const OWN_ISSUER = 'Grok is set to sign in with the server of your company, which it does only in a browser';
const OIDC = /^\s*\[\s*grok_com_config\s*\.\s*oidc\s*\]/m;

async function hasOwnIssuer({ folder }: GrokHome, { env, files }: InspectContext): Promise<boolean> {
  return Boolean(env['GROK_OIDC_ISSUER']) || OIDC.test((await files.read(join(folder, 'config.toml'))) ?? '');
}

/** Runs grok until it ends. In a terminal, because grok prints the code as an error message. */
async function run(program: string, home: GrokHome, context: SignInContext): Promise<ExecResult> {
  const stop = new AbortController();
  return context.pty(program, ['login', '--device-auth'], {
    env: { ...home.env, ...ALONE },
    timeoutMs: LIMIT_MS,
    signal: AbortSignal.any([context.signal, stop.signal]),
    async talk(dialogue) {
      const step = await findStep(dialogue);
      if (step === 'no code') return stop.abort(loginFailed(NO_CODES, home.signIn));
      if (step) await context.show(step);
      for await (const _ of dialogue.lines);
    },
  });
}

const ADDRESS = /https?:\/\/[!-~]+/;
const USER_CODE = /^[A-Z\d]{3,}(?:-[A-Z\d]+)*$/i;

/** The address and the code that grok shows; undefined if it ends without them. */
async function findStep({ lines }: Dialogue): Promise<OpenStep | 'no code' | undefined> {
  let url: string | undefined;
  for await (const line of lines) {
    const text = stripVTControlCharacters(line).trim();
    url ??= ADDRESS.exec(text)?.[0];
    // Without codes, grok would wait for a browser on this machine.
    if (url?.includes('redirect_uri=')) return 'no code';
    if (url !== undefined && USER_CODE.test(text)) return { url, userCode: text };
  }
  return undefined;
}
