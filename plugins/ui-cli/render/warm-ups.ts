import type { WarmUp } from '../../../sdk/contract/rpc.ts';
import { relativeAndLocal } from '../../../sdk/wording/time.ts';
import type { View } from './view.ts';
import { wrap } from './width.ts';

/** The warm-ups, each with its next times. `isDry`: also what would be run. */
export function renderWarmUps(warmUps: readonly WarmUp[], { isDry }: { readonly isDry: boolean }, view: View): string {
  if (warmUps.length === 0) return wrap('There is no warm-up.', view.width);
  return warmUps
    .flatMap(({ id, session, next, cost }) => [
      `${id} (${session})`,
      ...(isDry && cost ? [`  ${cost.command.join(' ')}`] : []),
      ...next.map(({ at, skipped }) => `  ${relativeAndLocal(at, view.now)}${skipped ? `: ${skipped}` : ''}`),
    ])
    .join('\n');
}
