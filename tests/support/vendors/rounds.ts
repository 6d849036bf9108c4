/** How often programs run side by side: once by default, more often in CI. */
export const ROUNDS: readonly number[] = Array.from(
  { length: Number(process.env['KEEPALIVE_ROUNDS'] ?? 1) },
  (_, round) => round + 1,
);

/** The time limit for all rounds, in milliseconds. */
export const ROUNDS_TIMEOUT_MS = 60_000 + 30_000 * ROUNDS.length;

const CONCURRENT = 5;

/** Runs every round, a few at a time. */
export async function playRounds<T>(play: (round: number) => Promise<T>): Promise<readonly T[]> {
  const played: T[] = [];
  for (let first = 0; first < ROUNDS.length; first += CONCURRENT)
    played.push(...(await Promise.all(ROUNDS.slice(first, first + CONCURRENT).map(play))));
  return played;
}
