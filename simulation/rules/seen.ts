import { isRecord } from '../../sdk/base/json.ts';
import { Broken } from './rules.ts';

type Shown = { readonly id?: unknown; readonly lastAttempt?: unknown };

/** The last attempt that was announced is still the last one, unless another was made. `announced`: in their order. */
export function judgeLast({ id, lastAttempt }: Shown, announced: readonly number[], last: number | undefined): void {
  if (last === undefined) return;
  const shown = isRecord(lastAttempt) ? Number(lastAttempt['startedAt']) : undefined;
  const place = shown === undefined ? 0 : announced.indexOf(shown);
  if (place !== -1 && place < announced.indexOf(last))
    throw new Broken('seen-is-kept', `The last attempt of ${String(id)} that was announced is forgotten.`);
}

/** The attempts that were announced last are in the history, also after crashes. Older ones are cut off. */
export function judgeHistory(id: string, announced: readonly number[], history: readonly unknown[]): void {
  const shown = history.map(attempt => (isRecord(attempt) ? Number(attempt['startedAt']) : 0));
  const known = new Set(shown);
  const missing = announced.find(at => !known.has(at));
  if (missing !== undefined)
    throw new Broken(
      'seen-is-kept',
      `The attempt of ${id} at ${iso(missing)} was announced, and is not in the history.`,
    );
  const twice = shown.find((at, place) => shown.indexOf(at) !== place);
  if (twice !== undefined)
    throw new Broken('seen-is-kept', `The attempt of ${id} at ${iso(twice)} is in the history twice.`);
}

const iso = (at: number): string => new Date(at).toISOString();
