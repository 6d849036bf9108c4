import { basename, dirname } from 'node:path';
import { KeepaliveError } from '../sdk/contract/errors.ts';
import type { CheckedParams, RpcMethod } from '../sdk/contract/rpc.ts';
import { expandHome, findUserHome } from '../sdk/system/home.ts';

// A page can be copied: another user may have had the port, and a browser keeps the cookie on disk. So a page may do
// what its buttons do, but nothing that runs a program of its choice, writes to a file of its choice, or lets in
// another browser. The command line can, because it has the token.
//
// A page may add a warm-up with any of its options: none names a program, a file or what the prompt says. It sends what
// its driver fixes, with the program of the session, and at most one prompt in a window.
//
// A page may sign in: that runs only the tool's own program, as the provider defines it, and a page sees and answers
// only its own sign-ins. A copy could sign in with the account of another person. No session counts with another
// account before that is confirmed, and the account is shown everywhere then, but a copy could confirm it too.

/** Providers that run only their tool's own program, and write only its own login. */
const TOOLS: readonly string[] = [
  'claude',
  'codex',
  'gemini',
  'augment',
  'cursor',
  'antigravity',
  'grok',
  'copilot',
  'droid',
  'opencode',
];
const OPTIONS: readonly string[] = ['id', 'home'];

type Refusals = { readonly [M in RpcMethod]?: (params: CheckedParams<M>) => Refused | undefined };
/** What a page may not do or set, and what to do instead. */
type Refused = { readonly what: string; readonly hint: string };

const REFUSALS: Refusals = {
  // Whoever has a copy of the page could let in another browser before the page is closed.
  'page/open': () => ({ what: 'page/open', hint: 'Run `keepalive ui` in a terminal' }),
  'session/add': ({ plugin, options }) => {
    const refused = TOOLS.includes(plugin) ? Object.keys(options).find(name => !mayBeSet(name, options[name])) : plugin;
    if (refused === undefined) return undefined;
    const command = `run \`keepalive add ${plugin}\` in a terminal`;
    const instead =
      refused === 'home' ? `Give a folder such as ~/.${plugin}-work, or ${command}` : `R${command.slice(1)}`;
    return { what: refused, hint: instead };
  },
};

/** Throws `KA_PAGE_NOT_ALLOWED` if a page may not make this request. */
export function refuseToPage<M extends RpcMethod>(method: M, params: CheckedParams<M>): void {
  const refused = REFUSALS[method]?.(params);
  if (refused) throw new KeepaliveError('KA_PAGE_NOT_ALLOWED', refused);
}

const mayBeSet = (name: string, value: unknown): boolean =>
  OPTIONS.includes(name) && (name !== 'home' || isBesideUsual(value));

/**
 * A hidden folder in the user's home, like the usual ones. A tool runs what its folder says, so others, and a browser
 * that downloads a file, must not have written there.
 */
function isBesideUsual(folder: unknown): boolean {
  const userHome = findUserHome();
  if (typeof folder !== 'string' || userHome === undefined || !/^(~|[\\/]|[A-Z]:)/i.test(folder)) return false;
  const path = expandHome(folder, userHome);
  return dirname(path) === expandHome(userHome) && basename(path).startsWith('.');
}
