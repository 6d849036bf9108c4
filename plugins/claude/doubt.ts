import type { Files } from '../../sdk/files.ts';
import type { InspectContext } from '../../sdk/provider.ts';
import { parseObject } from '../../sdk/recipes/json-store.ts';
import { doubtEnds, isDoubtful, recallSilence } from '../../sdk/recipes/silence.ts';
import type { Login } from './login.ts';
import type { Release, TouchKind } from './releases.ts';

/*
 * Whether a release that is newer than our table can be made to renew a login. It is touched like any other, and doubted
 * only where it leaves a login as it was for days, or empties it. A doubt ends after a week, with another release, or with
 * another credential where the old one was only left as it was.
 */

const WEEK_MS = 7 * 86_400_000;

type Ground = Pick<InspectContext, 'files' | 'now'>;

/** What is started, where it is not known yet whether that renews: a release, and how it is started. */
export async function findUnproven(
  { journal }: Files, { version, proven }: Release, kind: TouchKind,
): Promise<string | undefined> {
  const name = `claude ${version} (${kind})`;
  const isProven = proven.includes(kind) || (await journal.read(renewedKey(name))) !== undefined;
  return isProven ? undefined : name;
}

/** A renewal that was seen is the proof that it can. */
export const noteRenewal = ({ journal }: Files, name: string): Promise<void> => journal.write(renewedKey(name), 'yes');

export const noteEmptied = ({ files, now }: Ground, { store }: Login, name: string): Promise<void> =>
  files.journal.write(emptiedKey(store), JSON.stringify({ by: name, at: now() }));

/** Why it is not made to renew this login for now. A person may insist where it only left it as it was. */
export async function recallDoubt(
  { files, now, force }: Ground & { readonly force: boolean }, login: Login, name: string,
): Promise<string | undefined> {
  const emptied = await recallEmptied({ files, now }, login);
  if (emptied?.by === name) return emptied.doubt;
  const silence = force ? undefined : await recallSilence(files, { ...login, by: name });
  return silence && isDoubtful(silence, now()) ? sentence(name, LEFT, doubtEnds(silence)) : undefined;
}

/** What a look tells of it, which does not ask claude for its version. */
export async function noteOf({ files, now }: Ground, login: Login): Promise<string | undefined> {
  const emptied = await recallEmptied({ files, now }, login);
  if (emptied) return emptied.doubt;
  const silence = await recallSilence(files, login);
  if (!silence) return undefined;
  if (silence.by !== undefined && isDoubtful(silence, now())) return sentence(silence.by, LEFT, doubtEnds(silence));
  return `claude has been made to renew its credential since ${new Date(silence.since).toISOString()}, and ${LEFT}.`;
}

const LEFT = 'left it as it was';
const renewedKey = (name: string) => `${name} renewed`;
const emptiedKey = (store: string) => `emptied: ${store}`;

const sentence = (name: string, what: string, until: Date): string =>
  `${name.replace(/ \(\w+\)$/, '')} ${what} when it was made to renew its credential, `
  + `so that is only watched until ${until.toISOString()} or another release.`;

type Emptied = { readonly by: string; readonly doubt: string };

async function recallEmptied({ files, now }: Ground, { store }: Login): Promise<Emptied | undefined> {
  const { by, at } = parseObject(await files.journal.read(emptiedKey(store)) ?? '') ?? {};
  if (typeof by !== 'string' || typeof at !== 'number' || now() >= at + WEEK_MS) return undefined;
  return { by, doubt: sentence(by, 'emptied it', new Date(at + WEEK_MS)) };
}
