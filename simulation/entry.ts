import { startDaemon } from '../kernel/start/daemon.ts';
import * as claude from '../plugins/claude/index.ts';
import * as oauth from '../plugins/oauth/index.ts';
import * as postgres from '../plugins/postgres/index.ts';

/** The desktop is not simulated. This takes its place. */
const desktop = {
  default: () => ({
    kind: 'notifier',
    id: 'notify-desktop',
    raise: async () => undefined,
    clear: async () => undefined,
  }),
};

/** The plugins that simulated machines have, by their folders. */
const PLUGINS: Readonly<Record<string, unknown>> = { claude, oauth, postgres, 'notify-desktop': desktop };

/** Loads what the product finds by its file. */
Reflect.set(globalThis, 'loadModule', async (href: string): Promise<unknown> => {
  const [, name = ''] = /\/plugins\/([^/]+)\/index\.js$/.exec(href) ?? [];
  const found = PLUGINS[name];
  if (found === undefined) throw new Error(`${href} is not simulated.`);
  return found;
});

export { startDaemon };
