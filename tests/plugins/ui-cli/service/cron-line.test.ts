import { expect, test } from 'vitest';
import { cronLine } from '../../../../plugins/ui-cli/service/cron-line.ts';

test.each([
  [{}, ['/usr/bin/node', '/opt/ka/main.js'], '@reboot /usr/bin/node /opt/ka/main.js >/dev/null 2>&1'],
  [
    { PATH: '/home/me/.local/bin:/usr/bin' },
    ['/usr/bin/node', '/opt/my app/main.js', '--home', "/home/me/it's 100%"],
    "@reboot PATH=/home/me/.local/bin:/usr/bin /usr/bin/node '/opt/my app/main.js' --home " +
      "'/home/me/it'\\''s 100\\%' >/dev/null 2>&1",
  ],
] as const)('a line for cron can be pasted: %j', (env, command, line) => {
  expect(cronLine({ env, command })).toBe(line);
});
