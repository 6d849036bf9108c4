import { join } from 'node:path';
import { cronLine } from './cron-line.ts';
import { carriedFrom, environmentNotes } from './environment.ts';
import type { Facts, Registration, Step } from './types.ts';

/** A unit of the user's systemd. */
export function systemdUnit({ command, env, userHome, suffix }: Facts): Registration {
  const name = `keepalive${suffix && `-${suffix}`}.service`;
  const base = env['XDG_CONFIG_HOME'] || join(userHome, '.config');
  const launches = execStart(command);
  const systemctl = (...args: string[]): Step => ({ program: 'systemctl', args: ['--user', ...args] });
  return {
    manager: 'systemd',
    name,
    base,
    file: { path: join(base, 'systemd/user', name), text: unitText(launches, env), encoding: 'utf8' },
    launches,
    probe: systemctl('show', '--property=Version'),
    query: systemctl('is-enabled', '--quiet', name),
    install: [systemctl('daemon-reload'), systemctl('enable', name), systemctl('restart', name)],
    start: [systemctl('start', name)],
    uninstall: [systemctl('disable', '--now', name)],
    forget: [systemctl('daemon-reload'), { ...systemctl('reset-failed', name), mayFail: true }],
    notes: [
      ...environmentNotes(env, `Add it with \`systemctl --user edit ${name}\`, as Environment=NAME=value.`),
      'It runs while you are logged in. With `loginctl enable-linger` it runs from boot.',
    ],
    otherwise:
      'To start it with the machine instead, add this line with `crontab -e`:\n\n' +
      `${cronLine({ command, env })}\n\n` +
      'In a container, make `keepalive run` its command. On WSL, enable systemd in /etc/wsl.conf.',
  };
}

const execStart = ([node, ...args]: Facts['command']): string =>
  `ExecStart=${[quote(node), ...args.map(argument => quote(argument.replaceAll('$', '$$$$')))].join(' ')}\n`;

const unitText = (
  launches: string,
  env: Facts['env'],
): string => `# Written by \`keepalive service install\`, which writes it anew.
[Unit]
Description=Session Keepalive
StartLimitIntervalSec=0

[Service]
${launches}${carriedFrom(env)
  .map(([name, value]) => `Environment=${quote(`${name}=${value}`)}\n`)
  .join('')}Restart=on-failure
RestartSec=30
# 3: another daemon has this home. 7: the configuration is refused. Another start mends neither.
RestartPreventExitStatus=3 7
# A vendor's program that may be renewing a login goes on to its end.
KillMode=process
TimeoutStopSec=90
${hardening(env)}
[Install]
WantedBy=default.target
`;

/**
 * What no provider needs. A user's manager has no privileges, so this is by system call filters alone. Other options
 * put the daemon into a user namespace, where root's files belong to `nobody`, or do not let it start at all.
 */
const hardening = ({
  WSL_DISTRO_NAME,
}: Facts['env']): string => `# docs/service.md says what these take away, and what others would.
NoNewPrivileges=yes
RestrictSUIDSGID=yes
RestrictRealtime=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=~@clock @cpu-emulation @debug @module @obsolete @raw-io @reboot @swap
SystemCallErrorNumber=EPERM
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK${WSL_DISTRO_NAME ? ' AF_VSOCK' : ''}
UMask=0077
`;

/** Quotes for systemd: C escapes, and % begins a specifier. ($ begins a variable, but only in arguments.) */
const quote = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&').replaceAll('%', '%%')}"`;
