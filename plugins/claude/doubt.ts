import type { Files } from '../../sdk/plugin/files.ts';
import type { InspectContext } from '../../sdk/plugin/provider.ts';
import { parseObject } from '../../sdk/recipes/store/json-store.ts';
import { doubtEnds, isDoubtful, recallSilence } from '../../sdk/recipes/cli/silence.ts';
import type { Login } from './login.ts';
import type { Release, TouchKind } from './releases.ts';

/*
 * Whether a release newer than our table renews a login. It is touched like any other, and doubted only if it leaves a
 * login unchanged for days, or empties it. A doubt ends after a week or with another release; one about an unchanged
 * login also ends with another credential.
 */

const WEEK_MS = 7 * 86_400_000;

type Ground = Pick<InspectContext, 'files' | 'now'>;

/** The release, and how it is started, unless that is known to renew. */
export async function findUnproven(
  { journal }: Files,
  { version, proven }: Release,
  kind: TouchKind,
): Promise<string | undefined> {
  const name = `claude ${version} (${kind})`;
  const isProven = proven.includes(kind) || (await journal.read(renewedKey(name))) !== undefined;
  return isProven ? undefined : name;
}

/** A renewal was seen, which proves that it works. */
export const noteRenewal = ({ journal }: Files, name: string): Promise<void> => journal.write(renewedKey(name), 'yes');

export const noteEmptied = ({ files, now }: Ground, { store }: Login, name: string): Promise<void> =>
  files.journal.write(emptiedKey(store), JSON.stringify({ by: name, at: now() }));

/** Why it is not asked to renew this login for now. `force` overrides a doubt about an unchanged login. */
export async function recallDoubt(
  { files, now, force }: Ground & { readonly force: boolean },
  login: Login,
  name: string,
): Promise<string | undefined> {
  const emptied = await recallEmptied({ files, now }, login);
  if (emptied?.by === name) return emptied.doubt;
  const silence = force ? undefined : await recallSilence(files, { ...login, by: name });
  return silence && isDoubtful(silence, now()) ? sentence(name, LEFT, doubtEnds(silence)) : undefined;
}

/** The note that an inspection shows. It does not ask claude for its version. */
export async function noteOf({ files, now }: Ground, login: Login): Promise<string | undefined> {
  const emptied = await recallEmptied({ files, now }, login);
  if (emptied) return emptied.doubt;
  const silence = await recallSilence(files, login);
  if (!silence) return undefined;
  if (silence.by !== undefined && isDoubtful(silence, now())) return sentence(silence.by, LEFT, doubtEnds(silence));
  return `claude has been asked to renew its credential since ${new Date(silence.since).toISOString()}, and ${LEFT}.`;
}

const LEFT = 'left it unchanged';
const renewedKey = (name: string) => `${name} renewed`;
const emptiedKey = (store: string) => `emptied: ${store}`;

const sentence = (name: string, what: string, until: Date): string =>
  `${name.replace(/ \(\w+\)$/, '')} was asked to renew its credential and ${what}, ` +
  `so it is only watched until ${until.toISOString()} or another release.`;

type Emptied = { readonly by: string; readonly doubt: string };

async function recallEmptied({ files, now }: Ground, { store }: Login): Promise<Emptied | undefined> {
  const { by, at } = parseObject((await files.journal.read(emptiedKey(store))) ?? '') ?? {};
  if (typeof by !== 'string' || typeof at !== 'number' || now() >= at + WEEK_MS) return undefined;
  return { by, doubt: sentence(by, 'emptied it', new Date(at + WEEK_MS)) };
}
