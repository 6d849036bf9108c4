type Counts = {
  readonly total: number;
  readonly paused: number;
  /** Sessions in trouble that the user should see. */
  readonly failing?: number;
};

const count = (amount: number, noun: string): string => `${amount} ${noun}${amount === 1 ? '' : 's'}`;

/** All sessions in one line, without a full stop. */
export function describeSessions({ total, paused, failing = 0 }: Counts): string {
  const kept = total - paused;
  if (total === 0) return 'No session is kept alive yet';
  if (failing > 0) return `${failing} of ${count(total, 'session')} ${failing === 1 ? 'needs' : 'need'} attention`;
  if (kept === 0) return paused === 1 ? 'The session is paused' : `All ${paused} sessions are paused`;
  return `Keeping ${count(kept, 'session')} alive${paused ? `, ${paused} paused` : ''}`;
}
