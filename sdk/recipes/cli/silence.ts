import type { Files } from '../../plugin/files.ts';
import { parseObject } from '../store/json-store.ts';

/** Touches that left a credential unchanged. Kept in the journal, so that a restart doesn't forget them. */
export type Silence = {
  /** The fingerprint of the credential. */
  readonly fingerprint: string;
  /** The release of the program, if it matters. Another release starts a new count. */
  readonly by?: string | undefined;
  /** The first try, in milliseconds since the epoch. */
  readonly since: number;
  /** The last try that was counted, in milliseconds since the epoch. */
  readonly lastAt: number;
  /** Tries within six hours count as one. */
  readonly tries: number;
};

/** The credential, and the release that was started for it. */
export type SilenceOf = { readonly store: string; readonly fingerprint: string; readonly by?: string | undefined };

const TRIES = 5;
const DAY_MS = 86_400_000;
const APART_MS = DAY_MS / 4;
/** No outage lasts longer. */
const PROOF_MS = 2 * DAY_MS;
const DOUBT_MS = 7 * DAY_MS;

const keyOf = (store: string) => `unchanged: ${store}`;

/** The touches that left this credential unchanged. */
export async function recallSilence(
  { journal }: Pick<Files, 'journal'>,
  { store, fingerprint, by }: SilenceOf,
): Promise<Silence | undefined> {
  const silence = readSilence(await journal.read(keyOf(store)));
  return silence?.fingerprint === fingerprint && (by === undefined || silence.by === by) ? silence : undefined;
}

/** Counts one more try, unless the last one was recent. */
export async function noteSilence(files: Pick<Files, 'journal'>, of: SilenceOf, now: number): Promise<Silence> {
  const before = await recallSilence(files, of);
  const goesOn = before !== undefined && before.lastAt <= now && !isOver(before, now);
  if (goesOn && now < before.lastAt + APART_MS) return before;
  const { since, tries } = goesOn ? before : { since: now, tries: 0 };
  const silence = { fingerprint: of.fingerprint, by: of.by, since, lastAt: now, tries: tries + 1 };
  await files.journal.write(keyOf(of.store), JSON.stringify(silence));
  return silence;
}

/** Whether the touch itself does not work: many tries over days are no outage. This is believed for a week. */
export const isDoubtful = (silence: Silence, now: number): boolean =>
  silence.tries >= TRIES && silence.lastAt - silence.since >= PROOF_MS && !isOver(silence, now);

/** Whether to try an unproven touch again. */
export const isWorthATry = (silence: Silence, now: number): boolean =>
  !isDoubtful(silence, now) && (now >= silence.lastAt + APART_MS || now < silence.lastAt);

/** When the doubt ends. */
export const doubtEnds = ({ lastAt }: Silence): Date => new Date(lastAt + DOUBT_MS);

const isOver = ({ lastAt }: Silence, now: number): boolean => now >= lastAt + DOUBT_MS;

function readSilence(text = ''): Silence | undefined {
  const { fingerprint, by, since, lastAt, tries } = parseObject(text) ?? {};
  if (typeof since !== 'number' || typeof lastAt !== 'number' || typeof tries !== 'number') return undefined;
  if (typeof fingerprint !== 'string') return undefined;
  return { fingerprint, since, lastAt, tries, ...(typeof by === 'string' && { by }) };
}
