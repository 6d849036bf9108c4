import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const FOUND = [process.env['KEEPALIVE_TEST_CHROMIUM'], '/usr/bin/chromium'].find(
  path => path !== undefined && existsSync(path),
);

/** Why no test can be made in a browser; undefined where one is there. */
export const NO_CHROMIUM =
  FOUND === undefined
    ? 'no Chromium: install it at /usr/bin/chromium, or name it in KEEPALIVE_TEST_CHROMIUM'
    : undefined;

/** A real browser that contacts nobody by itself. Whatever ends in `.test` leads to this machine, as a name does whose owner says so. */
export const launchChromium = (): Promise<Browser> =>
  chromium.launch({
    ...(FOUND === undefined ? {} : { executablePath: FOUND }),
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--host-resolver-rules=MAP *.test 127.0.0.1',
      // What newer browsers keep pages from by themselves, others do not.
      '--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets,PrivateNetworkAccessSendPreflights,BlockInsecurePrivateNetworkRequests',
    ],
  });
