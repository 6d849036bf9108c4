import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { NoticeEvent } from '../../sdk/wording/digest.ts';
import { startDaemon, temporaryHome } from '../support/daemon/daemon.ts';

/** Each needs a login while the file `gone` exists. */
const PROVIDER = `import { existsSync } from 'node:fs';
  const lost = { status: 'login-required', hint: 'Sign in.', proof: 'invalid_grant' };
  export default ({ id, gone }) => ({
    kind: 'provider', id, displayName: id,
    refresh: async () => existsSync(gone) ? lost : { status: 'fresh' },
  });`;
const PROGRAM = 'fs.appendFileSync(process.argv[1], fs.readFileSync(0))';
const IDS = Array.from({ length: 12 }, (_, index) => `session-${index + 1}`);

test('twelve sessions that fail and come back are two messages, and each notice is withdrawn', async () => {
  const home = temporaryHome({ 'mine.mjs': PROVIDER });
  const [gone, got] = [join(home, 'gone'), join(home, 'got')];
  const config = {
    plugins: [
      ...IDS.map(id => ['./mine.mjs', { id, gone }, { isolated: false }]),
      ['notify-command', { run: [process.execPath, '-e', PROGRAM, got] }],
    ],
    policy: { minInterval: '100ms' },
    concurrency: IDS.length,
    notices: { digest: '5s' },
  };
  writeFileSync(join(home, 'keepalive.config.json'), JSON.stringify(config));
  const events = (): NoticeEvent[] =>
    existsSync(got)
      ? readFileSync(got, 'utf8')
          .trim()
          .split('\n')
          .map(line => JSON.parse(line))
      : [];
  const raised = () => events().filter(({ event }) => event === 'raise');

  const { client } = await startDaemon(home);
  const refresh = () => Promise.all(IDS.map(id => client.request('session/refresh', { id, force: true })));
  writeFileSync(gone, '');
  await refresh();
  await vi.waitFor(() => expect(raised().flatMap(({ notices = [] }) => notices)).toHaveLength(12), 30_000);
  expect(raised()).toMatchObject([{ notice: { code: 'digest', level: 'error', title: '12 sessions need a login' } }]);

  rmSync(gone);
  await refresh();
  await vi.waitFor(() => expect(raised()).toHaveLength(2), 30_000);
  expect(raised()[1]).toMatchObject({
    notice: { code: 'digest', level: 'info', title: '12 sessions are alive again' },
  });
  expect(events().filter(({ event }) => event === 'clear')).toHaveLength(12);
}, 90_000);
