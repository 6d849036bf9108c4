import type { Outcome } from './life.ts';

/** So many lines at the end are all shown. */
const LAST = 15;
/** So many lines are shown at most. */
const MOST = 60;

/** What happens on every calm day. */
const ROUTINE = /attempted \S+: (?:fresh|deferred|refreshed)$|sent a token of \S+, which was renewed$/;

/** The end of a story, without what happened on calm days before. */
export function endingOf({ story }: Pick<Outcome, 'story'>): string {
  const [before, last] = [story.slice(0, -LAST), story.slice(-LAST)];
  const eventful = before.filter(line => !ROUTINE.test(line)).slice(LAST - MOST);
  return [...eventful, ...(eventful.length < before.length ? ['…'] : []), ...last].join('\n');
}
