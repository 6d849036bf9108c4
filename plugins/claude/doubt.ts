import type { Files } from '../../sdk/plugin/files.ts';
import type { InspectContext } from '../../sdk/plugin/provider.ts';
import { parseObject } from '../../sdk/recipes/store/json-store.ts';
import { doubtEnds, isDoubtful, recallSilence } from '../../sdk/recipes/cli/silence.ts';
import type { Login } from './login.ts';
import type { Release, TouchKind } from './releases.ts';

/*
 * A release newer than our table may not renew a login. We touch it like any other, and doubt it only if it leaves the
 * login unchanged for days, or empties it. A doubt ends after a week or with another release. A doubt about an
 * unchanged login also ends with another credential.
 */

const WEEK_MS = 7 * 86_400_000;

type DoubtContext = Pick<InspectContext, 'files' | 'now'>;

/** The name of the release and the touch; undefined if they are known to renew a login. */
export async function findUnproven(
  { journal }: Files,
  { version, verdict }: Release,
  kind: TouchKind,
): Promise<string | undefined> {
  const name = `claude ${version} (${kind})`;
  const isProven = verdict === 'proven' || (await journal.read(renewedKey(name))) !== undefined;
  return isProven ? undefined : name;
}

/** Records that the touch works. */
export const noteRenewal = ({ journal }: Files, name: string): Promise<void> => journal.write(renewedKey(name), 'yes');

export const noteEmptied = ({ files, now }: DoubtContext, { store }: Login, name: string): Promise<void> =>
  files.journal.write(emptiedKey(store), JSON.stringify({ by: name, at: now() }));

/** Why the login is only watched for now. `force` overrides a doubt about an unchanged login. */
export async function recallDoubt(
  { files, now, force }: DoubtContext & { readonly force: boolean },
  login: Login,
  name: string,
): Promise<string | undefined> {
  const emptied = await recallEmptied({ files, now }, login);
  if (emptied?.by === name) return emptied.doubt;
  const silence = force ? undefined : await recallSilence(files, { ...login, by: name });
  return silence && isDoubtful(silence, now()) ? sentence(name, LEFT, doubtEnds(silence)) : undefined;
}

/** The note for an inspection, which cannot ask claude for its version. */
export async function noteOf(login: Login, { files, now }: DoubtContext): Promise<string | undefined> {
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

async function recallEmptied({ files, now }: DoubtContext, { store }: Login): Promise<Emptied | undefined> {
  const { by, at } = parseObject((await files.journal.read(emptiedKey(store))) ?? '') ?? {};
  if (typeof by !== 'string' || typeof at !== 'number' || now() >= at + WEEK_MS) return undefined;
  return { by, doubt: sentence(by, 'emptied it', new Date(at + WEEK_MS)) };
}
