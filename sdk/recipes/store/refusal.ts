import type { Files } from '../../plugin/files.ts';
import { parseObject } from './json-store.ts';

/**
 * A refusal that does not say that the login is over may be a mistake of the vendor, or come from something in between.
 * It is believed if it is repeated this much later. Nothing is lost meanwhile. But a login that is wrongly taken for
 * ended is no longer kept alive.
 */
const APART_MS = 60_000;

type RefusalContext = { readonly files: Pick<Files, 'journal'>; readonly now: () => number };
export type Refused = { readonly store: string; readonly fingerprint: string };

const keyOf = (store: string): string => `refused:${store}`;

/**
 * Notes that a credential was refused. The first refusal is stored, because another process may make the next attempt.
 * Returns when to ask again, or how long the same credential has been refused.
 */
export async function noteRefusal(
  { files, now }: RefusalContext,
  { store, fingerprint }: Refused,
): Promise<{ readonly until: Date } | { readonly apartMs: number }> {
  const note = parseObject((await files.journal.read(keyOf(store))) ?? '');
  const noted = note?.['fingerprint'] === fingerprint && typeof note['at'] === 'number' ? note['at'] : undefined;
  // A clock that was ahead would make the user wait until that time.
  const first = noted !== undefined && noted <= now() ? noted : undefined;
  const apartMs = first === undefined ? 0 : now() - first;
  if (apartMs >= APART_MS) return { apartMs };
  if (first === undefined) await files.journal.write(keyOf(store), JSON.stringify({ fingerprint, at: now() }));
  return { until: new Date((first ?? now()) + APART_MS) };
}

/** What to say of the first refusal, which is described by a sentence. */
export const unconfirmed = (refusal: string): string =>
  `${refusal} That alone does not end the login. It is believed if it happens again a minute later.`;

/** The credential was accepted, so what refused it before was a mistake. */
export const forgetRefusal = (
  { files }: Pick<RefusalContext, 'files'>,
  { store }: Pick<Refused, 'store'>,
): Promise<void> => files.journal.remove(keyOf(store));
