import { join } from 'node:path';
import { xml } from './definition.ts';
import { carriedFrom, environmentNotes } from './environment.ts';
import type { Facts, Registration, Step } from './types.ts';

/** The daemon is killed `ExitTimeOut` after it was asked to end. */
const EXIT_TIMEOUT_S = 90;
const GONE_WITHIN_MS = (EXIT_TIMEOUT_S + 10) * 1_000;
/** launchd refuses a job for a moment after it no longer lists an old one of that name. */
const FREE_WITHIN_MS = 10_000;

/** An agent of the user's launchd. */
export function launchdAgent({ command, env, userHome, uid, suffix }: Facts): Registration {
  const name = `session-keepalive${suffix && `.${suffix}`}`;
  const base = join(userHome, 'Library');
  const path = join(base, 'LaunchAgents', `${name}.plist`);
  const domain = `gui/${uid}`;
  const launches = argumentsText(command);
  const target = `${domain}/${name}`;
  const launchctl = (...args: string[]): Step => ({ program: 'launchctl', args });
  // `bootout` may end before the job has, and until then the job can neither be replaced nor is it gone.
  const remove: readonly Step[] = [
    { ...launchctl('bootout', target), mayFail: true },
    { ...launchctl('print', target), until: 'failure', patienceMs: GONE_WITHIN_MS },
  ];
  return {
    manager: 'launchd',
    name,
    base,
    file: { path, text: plistText(name, launches, env), encoding: 'utf8' },
    launches,
    probe: launchctl('print', domain),
    query: launchctl('print', target),
    install: [
      ...remove,
      // It may be switched off in the system settings, or with `launchctl disable`.
      launchctl('enable', target),
      { ...launchctl('bootstrap', domain, path), patienceMs: FREE_WITHIN_MS },
    ],
    start: [launchctl('kickstart', target)],
    uninstall: remove,
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

const argumentsText = (words: readonly string[]): string => `  <array>
${words.map(word => `    <string>${xml(word)}</string>\n`).join('')}  </array>`;

const plistText = (name: string, launches: string, env: Facts['env']): string => `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- Written by \`keepalive service install\`, which writes it anew. -->
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${xml(name)}</string>
  <key>ProgramArguments</key>
${launches}
  <key>EnvironmentVariables</key>
  <dict>
${carriedFrom(env)
  .map(([name, value]) => `    <key>${xml(name)}</key>\n    <string>${xml(value)}</string>\n`)
  .join('')}  </dict>
  <key>RunAtLoad</key>
  <true/>
  <!-- Started again after a crash. After a stop, and where another start mends nothing, it ends with 0. -->
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
  <integer>${EXIT_TIMEOUT_S}</integer>
  <key>ProcessType</key>
  <string>Background</string>
</dict>
</plist>
`;
