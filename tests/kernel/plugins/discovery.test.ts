import 'reflect-metadata';
import { expect, test } from 'vitest';
import { ContextFactory } from '../../../kernel/plugins/context-factory.ts';
import { Discovery } from '../../../kernel/plugins/discovery.ts';
import { slotFor, type Slot } from '../../../kernel/plugins/slot.ts';
import type { StateStore } from '../../../state/states.ts';
import { silentLog } from '../../../runtime/log/log.ts';
import { Scrubber } from '../../../runtime/log/redact.ts';
import type { ProviderPlugin } from '../../../sdk/plugin/provider.ts';
import { locateHome } from '../../../sdk/system/home.ts';
import { temporaryFolder } from '../../support/real-context.ts';

/** A tool of `'auto'` to which the user signs in at a moment that the test chooses. */
async function tool(signsIn: 'before the watch' | 'while the watch is set up' | 'after the watch' | 'never') {
  let isSignedIn = false;
  let changed: () => void = () => undefined;
  let unwatched = 0;
  const plugin: ProviderPlugin = {
    kind: 'provider',
    id: 'acme',
    displayName: 'Acme',
    refresh: async () => ({ status: 'fresh' }),
    inspect: async () => ({ present: isSignedIn, hint: 'Sign in.' }),
    watch: (_context, notify) => {
      changed = notify;
      if (signsIn === 'before the watch') isSignedIn = true;
      if (signsIn === 'while the watch is set up') {
        isSignedIn = true;
        notify();
      }
      return () => void (unwatched += 1);
    },
  };
  const home = locateHome({ KEEPALIVE_HOME: await temporaryFolder() });
  const options = { home, version: '1', startedAt: 0, env: {}, armed: true };
  const contexts = new ContextFactory(options, silentLog(), new Scrubber());
  const store = { sessions: new Map() } as unknown as StateStore;
  const discovery = new Discovery(contexts, store, silentLog());
  const info = { id: 'acme', kind: 'provider', module: 'acme', status: 'loaded', loadMs: 1 } as const;
  const slot: Slot = { ...slotFor({ entry: 'acme', isAuto: true }), result: { plugin, module: 'acme', info } };
  const found: number[] = [];
  await discovery.decide(
    slot,
    () => [],
    () => {
      if (!slot.dormant) return;
      void slot.dormant.unwatch?.();
      slot.dormant = undefined;
      found.push(Date.now());
    },
  );
  const signIn = () => {
    isSignedIn = true;
    changed();
  };
  return { slot, found, signIn, unwatched: () => unwatched };
}

test.each(['before the watch', 'while the watch is set up', 'after the watch'] as const)(
  'a sign-in %s wakes the provider once, and ends its watch',
  async moment => {
    const { slot, found, signIn, unwatched } = await tool(moment);
    if (moment === 'after the watch') signIn();
    await expect.poll(() => found.length).toBe(1);
    await slot.dormant?.look();
    expect([found.length, slot.dormant, unwatched()]).toEqual([1, undefined, 1]);
  },
);

test('without a sign-in it stays dormant, and is watched', async () => {
  const { slot, found, unwatched } = await tool('never');
  await slot.dormant?.look();
  expect([found.length, slot.dormant?.unwatch === undefined, unwatched()]).toEqual([0, false, 0]);
});
