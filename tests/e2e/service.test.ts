import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { KEEPALIVE, run, temporaryHome } from '../support/daemon/daemon.ts';

/** Enough of systemctl to start the command of a unit and to know its name. */
const SYSTEMCTL = `#!/bin/sh
PATH=/usr/bin:/bin
units="$HOME/.config/systemd/user"
case "$*" in
  *is-enabled*) test -e "$HOME/enabled" ;;
  *disable*) rm "$HOME/enabled" ;;
  *enable*) touch "$HOME/enabled" ;;
  *restart*)
    exec >/dev/null 2>&1
    values() { sed -n "s/^$1=//p" "$units"/*.service | tr '\\n' ' '; }
    eval "exec env -i HOME='$HOME' $(values Environment) $(values ExecStart)" & ;;
esac
`;

test.skipIf(process.platform !== 'linux')(
  'an installed service starts the daemon of this home and configuration in an empty environment',
  async () => {
    const home = temporaryHome({ 'own/keepalive.config.json': '{"plugins":["practice"]}', 'bin/systemctl': SYSTEMCTL });
    chmodSync(join(home, 'bin/systemctl'), 0o755);
    mkdirSync(join(home, 'state'));
    const config = join(home, 'own/keepalive.config.json');
    const keepalive = (...args: string[]) =>
      run(KEEPALIVE, [...args, '--json', '--home', join(home, 'state'), '--config', config], home, {
        PATH: `${join(home, 'bin')}:${dirname(process.execPath)}`,
      });

    const installed = await keepalive('service', 'install');
    expect(installed).toMatchObject({ code: 0, stderr: '' });
    const { pid }: { readonly pid: number } = JSON.parse(installed.stdout);
    onTestFinished(() => void spawnSync('kill', ['-9', String(pid)]));
    const { stdout } = await keepalive('config', 'show');
    expect(JSON.parse(stdout)).toMatchObject({ file: config, plugins: ['ui-web', 'notify-desktop', 'practice'] });
    expect(JSON.parse((await keepalive('service', 'status')).stdout)).toMatchObject({
      installed: true,
      current: true,
      running: true,
      pid,
    });

    expect(await keepalive('service', 'uninstall')).toMatchObject({ code: 0, stderr: '' });
    expect(existsSync(join(home, 'state/endpoint.json'))).toBe(false);
    expect(spawnSync('kill', ['-0', String(pid)]).status).not.toBe(0);
    expect(readdirSync(join(home, '.config'))).toEqual([]);
    expect(JSON.parse((await keepalive('service', 'status')).stdout)).toMatchObject({
      installed: false,
      running: false,
    });
  },
);
