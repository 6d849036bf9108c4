import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemdUnit } from '../../plugins/ui-cli/service/systemd.ts';
import { KEEPALIVE } from '../support/daemon/daemon.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MANAGER = join(ROOT, 'tests/platforms/user-manager.sh');
/** A user of no one else. */
const USER_ID = '43210';

const namespaces = spawnSync('unshare', ['-mpf', '--mount-proc', 'mount', '-t', 'cgroup2', 'none', '/mnt']);
const manager = spawnSync('/lib/systemd/systemd', ['--version']);
const missing =
  process.platform !== 'linux' || process.getuid?.() !== 0 || namespaces.status !== 0
    ? ' (skipped: needs root and namespaces)'
    : manager.error
      ? ' (skipped: no systemd here)'
      : '';

const UNIT = 'keepalive.service';
const UNITS = '"$HOME/.config/systemd/user"';
const CONFIG = '"$HOME/.config/keepalive/keepalive.config.json"';
const PROBE = [
  'command',
  { id: 'probe', run: ['sh', '-c', 'id -u >"$HOME/probe.txt"; node -e 1 && echo node >>"$HOME/probe.txt"'] },
];

/** Each step writes what the manager and we say of it. */
const STEPS = `
k() { timeout 60 node '${KEEPALIVE}' "$@"; }
state() { systemctl --user show --property=ActiveState,ExecMainStatus,NRestarts ${UNIT} | sort | tr '\\n' ' '; }
until_() { for _ in $(seq 300); do "$@" && return; sleep 0.1; done; }
is() { [ "$(systemctl --user show --property="$1" --value ${UNIT})" = "$2" ]; }
answers() { k service status | grep -q '^Running'; }
# Writes the output of a command into a file of results.
keep() { name="$1"; shift; { "$@" 2>&1; echo "exit $?"; } >"$HOME/results/$name"; }
refused() { echo '{"plugins": 3}' >${CONFIG}; }
good() { cp "$HOME/good.json" ${CONFIG}; }
mkdir -p "$HOME/results" ${UNITS}/${UNIT}.d "$HOME/.config/keepalive"
printf '[Service]\\nRestartSec=1\\n' >${UNITS}/${UNIT}.d/soon.conf
[ -f "$HOME/more.conf" ] && cp "$HOME/more.conf" ${UNITS}/${UNIT}.d/more.conf
`;

const WHOLE_LIFE = `
refused; keep refused-before k service install; keep files-before ls ${UNITS}
good; keep install k service install; keep again k service install; keep status k service status
until_ grep -q node "$HOME/probe.txt"; keep probe-status k status probe
kill -9 "$(systemctl --user show --property=MainPID --value ${UNIT})"
until_ is NRestarts 1; until_ answers; keep after-crash state
refused; systemctl --user restart ${UNIT}; until_ is ActiveState failed; keep refused-state state
keep refused-status k service status; keep refused-logs k logs
good; keep refused-doctor k doctor
keep start k start; keep start-state state; k stop; until_ is ActiveState inactive
keep other-start k start --config "$HOME/good.json"; keep beside-status k status
keep beside-service k service status; keep beside-doctor k doctor
systemctl --user start ${UNIT}; until_ is ActiveState failed; keep taken-state state
keep hand-over k service install; keep over-state state; keep over-status k service status
keep stop k stop; until_ is ActiveState inactive; keep stopped-state state
keep restart systemctl --user restart ${UNIT}; until_ answers; keep restarted-state state
k stop; until_ is ActiveState inactive; refused; keep start-refused k start; good
keep uninstall k service uninstall; keep files-after ls ${UNITS}
`;

const SHORT_LIFE = `
good; keep install k service install; keep state state
until_ grep -q node "$HOME/probe.txt"; keep probe-status k status probe; keep doctor k doctor
k service uninstall
`;

/** Runs the steps beside a manager, and returns the results by name. */
function live(steps: string, drop?: string): { readonly result: (name: string) => string; readonly end: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'keepalive-systemd-'));
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, 'good.json'), JSON.stringify({ plugins: ['practice', PROBE] }));
  writeFileSync(join(folder, 'steps.sh'), STEPS + steps);
  mkdirSync(join(folder, 'results'));
  if (drop) cpSync(drop, join(folder, 'more.conf'));
  spawnSync('unshare', ['-mpf', '--mount-proc', '--kill-child', 'bash', MANAGER], {
    env: {
      PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`,
      FOLDER: folder,
      USER_ID,
      NO_COLOR: '1',
    },
    timeout: 250_000,
  });
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  return {
    result: name => (name === 'probe' ? read('probe.txt') : read(join('results', name))),
    end: () => rmSync(folder, { recursive: true, force: true }),
  };
}

describe.skipIf(missing !== '')(`in a real user manager without privileges${missing}`, () => {
  let life: ReturnType<typeof live>;
  beforeAll(() => {
    life = live(WHOLE_LIFE);
  });
  afterAll(() => life?.end());

  test.each([
    [
      'a refused configuration is reported before anything is installed',
      'refused-before',
      /not valid[^]*plugins: expected a list[^]*exit 7/,
    ],
    ['nothing is written then', 'files-before', /^keepalive\.service\.d\nexit 0\n$/],
    ['it is installed', 'install', /^systemd keeps it running[^]*exit 0/],
    ['installing it again changes nothing', 'again', /^It is already installed/],
    ['status says so', 'status', /^Installed: .*\nRunning: process \d+\.\nexit 0\n$/],
    ['a provider runs its program', 'probe-status', /alive[^]*exit 0/],
    ['Node runs in it', 'probe', /^43210\nnode\n$/],
    ['it is started again after a crash', 'after-crash', /ActiveState=active ExecMainStatus=0 NRestarts=1/],
    ['a refused start is not repeated', 'refused-state', /ActiveState=failed ExecMainStatus=7 NRestarts=0/],
    ['status says why', 'refused-status', /Its last start was refused, .*: plugins: expected a list[^]*exit 4/],
    [
      'the log says why',
      'refused-logs',
      /fatal the daemon did not start code=KA_CONFIG_INVALID .*plugins: expected a list/,
    ],
    ['the journal says why', 'journal', /keepalived: The configuration .* is not valid/],
    [
      'doctor says why',
      'refused-doctor',
      /although systemd should run it.* Its last start was refused: .*plugins: expected/,
    ],
    ['a start is one of the service', 'start', /running in the background[^]*exit 0/],
    ['it is active then', 'start-state', /ActiveState=active/],
    ['a start with other options is one by hand, and says so', 'other-start', /started by hand/],
    ['status says so too', 'beside-status', /started by hand/],
    ['and service status', 'beside-service', /Running: [^]*started by hand/],
    ['and doctor', 'beside-doctor', /started by hand/],
    ['the service does not start beside it', 'taken-state', /ActiveState=failed ExecMainStatus=3 NRestarts=0/],
    ['installing it hands over', 'hand-over', /^systemd keeps it running/],
    ['the service runs then', 'over-state', /ActiveState=active/],
    ['nothing is said then', 'over-status', /^Installed: .*\nRunning: process \d+\.\nexit 0\n$/],
    ['a stop is no crash', 'stopped-state', /ActiveState=inactive ExecMainStatus=0/],
    ['it can be started again', 'restarted-state', /ActiveState=active/],
    ['a refused start by the service names the reason', 'start-refused', /plugins: expected a list[^]*exit 7/],
    ['it is removed', 'uninstall', /^Removed keepalive\.service[^]*exit 0/],
    ['nothing is left', 'files-after', /^keepalive\.service\.d\nexit 0\n$/],
  ])('%s', (_title, name, expected) => {
    expect(life.result(name)).toMatch(expected);
  });
});

test.skipIf(missing !== '')(`it runs with the strict options too${missing}`, () => {
  const { result, end } = live(SHORT_LIFE, join(ROOT, 'docs/service/strict.conf'));
  expect(result('state')).toMatch(/ActiveState=active/);
  expect(result('probe-status')).toMatch(/alive[^]*exit 0/);
  expect(result('probe')).toContain('node');
  end();
});

const analyze = spawnSync('systemd-analyze', ['--version']);
test.skipIf(analyze.error)(
  `systemd-analyze rates the unit as documented${analyze.error ? ' (skipped: absent)' : ''}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'keepalive-rating-'));
    const rate = (...drops: string[]) => {
      const { text } = systemdUnit({
        platform: 'linux',
        env: { PATH: '/usr/bin' },
        userHome: '/home/me',
        uid: 1000,
        command: ['/usr/bin/node', '/main.js'],
        stateDir: '/state',
        suffix: '',
      }).file;
      const more = drops.map(name => readFileSync(join(ROOT, 'docs/service', name), 'utf8').replace('[Service]', ''));
      writeFileSync(join(folder, UNIT), text.replace('\n[Install]', `${more.join('\n')}\n[Install]`));
      const { stdout } = spawnSync(
        'systemd-analyze',
        ['--user', 'security', '--offline=yes', '--no-pager', join(folder, UNIT)],
        {
          encoding: 'utf8',
          env: { ...process.env, XDG_RUNTIME_DIR: folder },
        },
      );
      return Number(/exposure level for [^:]+: ([\d.]+)/.exec(stdout)?.[1]);
    };
    expect(rate()).toBeLessThanOrEqual(7.5);
    expect(rate('strict.conf')).toBeLessThanOrEqual(3.7);
    rmSync(folder, { recursive: true, force: true });
  },
);
