import { Cron } from 'croner';

/** Why a pattern or zone is not valid: croner rejects it, or it matches no date, not even a past one. */
export function cronProblem(pattern: string, timezone?: string): string | undefined {
  try {
    const first = new Cron(pattern, timezone === undefined ? {} : { timezone }).nextRun(new Date(0));
    return first ? undefined : 'it never matches a date';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
