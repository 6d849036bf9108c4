import { readdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Inspection } from '../../sdk/contract/outcome.ts';
import type { Tool } from '../../sdk/contract/rpc.ts';
import type { SessionRecord } from '../../sdk/contract/session.ts';
import { isRecord } from '../../sdk/base/json.ts';
import type { ProviderPlugin } from '../../sdk/plugin/provider.ts';
import { isAnotherSignIn } from '../../lifecycle/held-login.ts';
import { builtinFile } from '../../runtime/load-module.ts';
import { inspect, type ContextFactory } from '../plugins/context-factory.ts';
import { discoverable } from '../plugins/loader.ts';

/** A folder beside the usual one: `~/.codex-work` beside `~/.codex`. Names that a shell would change are left out. */
const SUFFIX = /^-([\w.@+-]{1,40})$/;
/** A home with more of them is searched no further. */
const MAX_FOLDERS = 20;

/** A built-in provider whose further accounts are in folders beside its usual one, which it exports as `usualHome`. */
type Maker = {
  readonly plugin: string;
  readonly usualHome: string;
  readonly make: (options: { readonly id?: string; readonly home?: string }) => ProviderPlugin;
};

/** A login, and what is known of it besides. */
type Known = { readonly seen: Inspection; readonly held?: SessionRecord['login'] };

type Candidate = { readonly tool: Tool; readonly seen: Inspection };

/** What is needed of a keeper. */
type Kept = {
  readonly provider: ProviderPlugin;
  readonly record: SessionRecord;
  inspect(): Promise<Inspection | undefined>;
};

/** Logins in other folders that no session keeps, each with an offer to keep it. Copies of a login are not offered. */
export async function otherLogins(contexts: ContextFactory, kept: readonly Kept[]): Promise<readonly Tool[]> {
  const makers = await makersOf(await discoverable());
  const known = await Promise.all(kept.map(knownOf));
  const found = await Promise.all(makers.map(maker => ofMaker(maker, contexts, known.flat())));
  const taken = new Set(kept.map(({ provider }) => provider.id));
  return found.flat().filter(({ offer }) => !taken.has(String(offer?.options['id'])));
}

const knownOf = async (kept: Kept): Promise<readonly Known[]> => {
  const seen = await kept.inspect().catch(() => undefined);
  return seen ? [{ seen, held: kept.record.login }] : [];
};

async function ofMaker(maker: Maker, contexts: ContextFactory, kept: readonly Known[]): Promise<readonly Tool[]> {
  const usual = await inspect(contexts, maker.make({})).catch(() => undefined);
  const known = usual ? [...kept, { seen: usual }] : kept;
  const all = await Promise.all((await foldersOf(maker, contexts)).map(name => candidateIn(name, maker, contexts)));
  const candidates = all.flat().filter(({ seen }) => !known.some(other => isSameLogin(seen, other)));
  // It is not known which of a login and its copy is in use.
  const isAlone = (one: Candidate) => !candidates.some(other => other !== one && isSameLogin(one.seen, other));
  return candidates.filter(isAlone).map(({ tool }) => tool);
}

async function candidateIn(name: string, maker: Maker, contexts: ContextFactory): Promise<readonly Candidate[]> {
  const { plugin, usualHome, make } = maker;
  const suffix = name.slice(basename(usualHome).length + 1).toLowerCase();
  const id = `${plugin}-${suffix.replace(/[^a-z0-9]+/g, '-')}`.replace(/-+$/, '');
  const home = `${dirname(usualHome)}/${name}`;
  const provider = make({ id, home });
  const seen = await inspect(contexts, provider).catch(() => undefined);
  if (!seen || !isLogin(seen)) return [];
  const tool: Tool = {
    plugin,
    displayName: provider.displayName,
    status: 'not-kept',
    ...(seen.program !== undefined && { program: seen.program }),
    places: [seen.store ?? home],
    sessions: [],
    ...(seen.expiresAt && { expiresAt: seen.expiresAt.getTime() }),
    ...(seen.loginExpiresAt && { loginExpiresAt: seen.loginExpiresAt.getTime() }),
    action: `To keep it alive, run \`keepalive add ${plugin} --home ${home} --id ${id}\`.`,
    offer: { plugin, options: { id, home } },
  };
  return [{ tool, seen }];
}

/** False for an emptied credential, for a login that is over, and if only a setting says where one might be. */
function isLogin({ present, refreshFingerprint, fingerprint, expiresAt, loginExpiresAt }: Inspection): boolean {
  const isOver = loginExpiresAt !== undefined && loginExpiresAt.getTime() <= Date.now();
  const isSeen = refreshFingerprint !== undefined || expiresAt !== undefined || fingerprint === undefined;
  return present && isSeen && !isOver;
}

/**
 * Whether it may be the same login, or an older copy of it, whose refresh token is spent. Two sign-ins of one account
 * cannot be told from that, so they count as one.
 */
function isSameLogin(one: Inspection, { seen: other, held }: Known): boolean {
  if (one.store !== undefined && one.store === other.store) return true;
  const { refreshFingerprint: token } = one;
  if (token === undefined || other.refreshFingerprint === undefined) return false;
  if (token === other.refreshFingerprint || held?.spent.includes(token)) return true;
  const [mine, its] = [signInOf(one), signInOf(other)];
  const isKnown = mine.account !== undefined && its.account !== undefined;
  const hasEnds = mine.endsAt !== undefined && its.endsAt !== undefined;
  return (isKnown || hasEnds) && !isAnotherSignIn(mine, its);
}

const signInOf = ({ account, loginEndIsFixed, loginExpiresAt }: Inspection) => ({
  ...(account !== undefined && { account }),
  ...(loginEndIsFixed && loginExpiresAt && { endsAt: loginExpiresAt.getTime() }),
});

async function foldersOf({ usualHome }: Maker, { files }: ContextFactory): Promise<readonly string[]> {
  const folder = files.resolve(dirname(usualHome));
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const usual = basename(usualHome);
  return entries
    .filter(entry => entry.isDirectory() || entry.isSymbolicLink())
    .map(({ name }) => name)
    .filter(name => name.startsWith(usual) && SUFFIX.test(name.slice(usual.length)))
    .toSorted()
    .slice(0, MAX_FOLDERS);
}

async function makersOf(names: readonly string[]): Promise<readonly Maker[]> {
  const makers = await Promise.all(
    names.map(async plugin => {
      const module: unknown = await import(pathToFileURL(builtinFile(plugin)).href);
      if (!isRecord(module)) return [];
      const { usualHome, default: make } = module;
      return typeof usualHome === 'string' && isFactory(make) ? [{ plugin, usualHome, make }] : [];
    }),
  );
  return makers.flat();
}

const isFactory = (value: unknown): value is Maker['make'] => typeof value === 'function';
