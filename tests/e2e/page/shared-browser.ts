import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe } from 'vitest';
import { sharedDaemon, type Daemon } from '../../support/daemon/daemon.ts';
import { launchChromium, NO_CHROMIUM } from './chromium.ts';

export type Shared = { readonly browser: Browser; readonly daemon: Daemon };

/** Tests that share a real browser and a daemon with these files. Without a browser they are skipped. */
export function describeInBrowser(
  title: string,
  files: Readonly<Record<string, string>>,
  tests: (shared: Shared) => void,
): void {
  describe.skipIf(NO_CHROMIUM)(`${title}${NO_CHROMIUM ? ` (skipped: ${NO_CHROMIUM})` : ''}`, () => {
    const shared: Partial<{ browser: Browser; daemon: Daemon; end: () => Promise<void> }> = {};
    beforeAll(async () => {
      const [browser, started] = await Promise.all([launchChromium(), sharedDaemon(files)]);
      Object.assign(shared, { browser, ...started });
    });
    afterAll(async () => {
      await shared.browser?.close();
      await shared.end?.();
    });
    tests({
      get browser() {
        return started(shared.browser);
      },
      get daemon() {
        return started(shared.daemon);
      },
    });
  });
}

function started<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('The browser and the daemon start before the first test.');
  return value;
}
