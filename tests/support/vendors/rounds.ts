/** How often programs are run side by side; once in everybody's tests, more often in CI and by hand. */
export const ROUNDS: readonly number[] = Array.from(
  { length: Number(process.env['KEEPALIVE_ROUNDS'] ?? 1) },
  (_, round) => round + 1,
);

/** A time limit for that many, in milliseconds. */
export const ROUNDS_LIMIT_MS = 60_000 + 30_000 * ROUNDS.length;

const AT_ONCE = 5;

/** Plays every round, a few at one time. */
export async function playRounds<T>(play: (round: number) => Promise<T>): Promise<readonly T[]> {
  const played: T[] = [];
  for (let first = 0; first < ROUNDS.length; first += AT_ONCE)
    played.push(...(await Promise.all(ROUNDS.slice(first, first + AT_ONCE).map(play))));
  return played;
}
