import { once } from 'node:events';
import { expect, test } from 'vitest';
import { startDaemon, temporaryHome } from '../support/daemon/daemon.ts';
import { coverageIn, modulesLoadedIn, packagesOf } from '../support/loaded-modules.ts';

// What a daemon has loaded stays in memory for as long as it runs.
test('an idle daemon has loaded only the packages that every daemon needs', async () => {
  const plugins = [['notify-email', { to: 'you@example.org', host: '127.0.0.1' }]];
  const home = temporaryHome({ 'keepalive.config.json': JSON.stringify({ plugins }) });
  const { client, child } = await startDaemon(home, { env: coverageIn(home) });
  const ended = once(child, 'exit');
  await client.request('kernel/stop');
  await ended;
  const packages = packagesOf(modulesLoadedIn(home));
  expect(packages).toEqual(expect.arrayContaining(['pino', 'ws', 'zod']));
  const late = [
    'commander',
    'cosmiconfig',
    'execa',
    'jiti',
    'nodemailer',
    'openid-client',
    'pg',
    'prom-client',
    'string-width',
    'tough-cookie',
    'undici',
  ];
  expect(packages.filter(name => late.includes(name))).toEqual([]);
});
