import { join } from 'node:path';
import { xml } from './definition.ts';
import { carriedFrom, environmentNotes } from './environment.ts';
import type { Facts, Registration, Step } from './types.ts';

/** An agent of the user's launchd. */
export function launchdAgent({ command, env, userHome, uid, suffix }: Facts): Registration {
  const name = `session-keepalive${suffix && `.${suffix}`}`;
  const base = join(userHome, 'Library');
  const path = join(base, 'LaunchAgents', `${name}.plist`);
  const domain = `gui/${uid}`;
  const launchctl = (...args: string[]): Step => ({ program: 'launchctl', args });
  return {
    manager: 'launchd',
    name,
    base,
    file: { path, text: plistText(name, command, env), encoding: 'utf8' },
    probe: launchctl('print', domain),
    query: launchctl('print', `${domain}/${name}`),
    install: [{ ...launchctl('bootout', `${domain}/${name}`), mayFail: true }, launchctl('bootstrap', domain, path)],
    uninstall: [{ ...launchctl('bootout', `${domain}/${name}`), mayFail: true }],
    forget: [],
    notes: [
      ...environmentNotes(
        env,
        'Start the daemon from your shell with `keepalive start` instead, or use a proxy without a password.',
      ),
      'It runs while you are logged in.',
    ],
    otherwise: 'Log in at the screen of this Mac once: an agent needs a graphical session.',
  };
}

const plistText = (
  name: string,
  command: Facts['command'],
  env: Facts['env'],
): string => `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- Written by \`keepalive service install\`, which writes it anew. -->
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${xml(name)}</string>
  <key>ProgramArguments</key>
  <array>
${command.map(argument => `    <string>${xml(argument)}</string>\n`).join('')}  </array>
  <key>EnvironmentVariables</key>
  <dict>
${carriedFrom(env)
  .map(([name, value]) => `    <key>${xml(name)}</key>\n    <string>${xml(value)}</string>\n`)
  .join('')}  </dict>
  <key>RunAtLoad</key>
  <true/>
  <!-- Started again after a crash, and not after a stop. -->
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ThrottleInterval</key>
  <integer>30</integer>
  <!-- A vendor's program that may be renewing a login goes on to its end. -->
  <key>AbandonProcessGroup</key>
  <true/>
  <key>ExitTimeOut</key>
  <integer>90</integer>
  <key>ProcessType</key>
  <string>Background</string>
</dict>
</plist>
`;
