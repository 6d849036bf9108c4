import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const FOUND = [process.env['KEEPALIVE_TEST_CHROMIUM'], '/usr/bin/chromium'].find(
  path => path !== undefined && existsSync(path),
);

/** Why browser tests are skipped; undefined if there is a browser. */
export const NO_CHROMIUM =
  FOUND === undefined
    ? 'no Chromium: install it at /usr/bin/chromium, or name it in KEEPALIVE_TEST_CHROMIUM'
    : undefined;

/** A real browser without background traffic. All names below `.test` resolve to this machine. */
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
      // Protections of newer browsers, which older ones lack.
      `--disable-features=${[
        'LocalNetworkAccessChecks',
        'LocalNetworkAccessChecksWebSockets',
        'PrivateNetworkAccessSendPreflights',
        'BlockInsecurePrivateNetworkRequests',
      ].join()}`,
    ],
  });
