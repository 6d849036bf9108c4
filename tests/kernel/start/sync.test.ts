import { expect, test } from 'vitest';
import type { Frontends } from '../../../kernel/plugins/frontends.ts';
import type { Assembly } from '../../../kernel/start/assembly.ts';
import { PluginFollower } from '../../../kernel/start/sync.ts';
import { silentLog } from '../../../runtime/log/log.ts';

/** A follower whose syncs last until `finish` is called. */
function follower() {
  const syncs: (() => void)[] = [];
  const assembly = {
    log: silentLog(),
    warmUps: { follow: () => undefined },
    warmUpNotices: { settle: async () => undefined },
    plugins: { notifiers: [], loaded: [], infos: [], frontends: [], since: 0, isLoading: false },
    sessions: { ids: [], sync: () => new Promise<void>(resolve => void syncs.push(resolve)) },
    notices: { setNotifiers: () => undefined, sessionsKept: () => undefined, pluginsLoaded: () => undefined },
  } as unknown as Assembly;
  const frontends = { sync: () => undefined } as unknown as Frontends;
  return { syncs, plugins: new PluginFollower(assembly, frontends) };
}

test('plugins that change during a sync share the next one', async () => {
  const { syncs, plugins } = follower();
  const first = plugins.now();
  await expect.poll(() => syncs.length).toBe(1);
  const others = Array.from({ length: 100 }, () => plugins.now());
  syncs[0]?.();
  await first;
  await expect.poll(() => syncs.length).toBe(2);
  syncs[1]?.();
  await Promise.all(others);
  expect(syncs).toHaveLength(2);
});
