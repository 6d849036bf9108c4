import { careless } from './canary-programs.ts';
import type { Canary, CanarySession, CanaryWorld } from './canary-world.ts';
import { filesBelow } from '../sources.ts';

/** The providers that have a canary, by name. */
export const canaries: readonly string[] = filesBelow('tests/plugins').flatMap(
  file => /^tests\/plugins\/([\w-]+)\.canary\.ts$/.exec(file)?.[1] ?? [],
);

/** The sessions of all providers, each with a canary for its credential, and those of a careless plugin. */
export async function canarySessions(world: CanaryWorld): Promise<readonly CanarySession[]> {
  const sessions = await Promise.all(
    canaries.map(async name => {
      const { default: canary }: { readonly default: Canary } = await import(`../../plugins/${name}.canary.ts`);
      return canary(world);
    }),
  );
  const entry = './canary.ts';
  const files = { 'canary.ts': careless(world.email) };
  return [...sessions.flat(), { id: 'careless', entry, files, outcome: 'failed' }];
}
