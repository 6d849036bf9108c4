/** The person wrote something that the command does not take. The message says what it does take. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
