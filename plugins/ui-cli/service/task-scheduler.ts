import { join } from 'node:path';
import { xml } from './definition.ts';
import { carriedFrom, leftOut } from './environment.ts';
import type { Facts, Registration, Step } from './types.ts';

/** A task of the Windows Task Scheduler that starts at each logon of this user. */
export function scheduledTask({ command, env, stateDir, suffix }: Facts): Registration {
  const user = env['USERNAME'] ?? '';
  // The tasks of all users share one folder.
  const name = ['Session Keepalive', suffix, user && `(${user})`].filter(Boolean).join(' ');
  const path = join(stateDir, 'service.xml');
  const launches = `<Arguments>${xml(['--headless', ...command.map(quote)].join(' '))}</Arguments>`;
  const schtasks = (...args: string[]): Step => ({ program: 'schtasks', args });
  const differing = [...carriedFrom(env).map(([name]) => name), ...leftOut(env)].filter(name => !/^path$/i.test(name));
  return {
    manager: 'Task Scheduler',
    name,
    base: stateDir,
    file: { path, text: taskText(launches, [env['USERDOMAIN'], user].filter(Boolean).join('\\')), encoding: 'utf16le' },
    launches,
    probe: schtasks('/?'),
    query: schtasks('/Query', '/TN', name),
    install: [schtasks('/Create', '/TN', name, '/XML', path, '/F'), schtasks('/Run', '/TN', name)],
    start: [schtasks('/Run', '/TN', name)],
    uninstall: [schtasks('/Delete', '/TN', name, '/F')],
    forget: [],
    notes: [
      `The task sees the environment of your account, not of this shell. ${
        differing.length
          ? `Set in this shell: ${differing.join(', ')}. \`setx\` sets them for your account.`
          : 'It does not see a proxy or a CA file that is only set in a shell.'
      }`,
      'It runs while you are logged in.',
    ],
    otherwise: 'Start the daemon with `keepalive start` instead, from a script at your logon.',
  };
}

/** schtasks recognizes the encoding by the byte order mark. */
const taskText = (launches: string, user: string): string => `\ufeff<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.3" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>Session Keepalive. Written by \`keepalive service install\`, which writes it anew.</Description>
  </RegistrationInfo>
  <Triggers>
    <LogonTrigger>
      <UserId>${xml(user)}</UserId>
    </LogonTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>${xml(user)}</UserId>
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>10</Count>
    </RestartOnFailure>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <!-- Without it Node, a console program, would open a window at each logon. -->
      <Command>conhost.exe</Command>
      ${launches}
    </Exec>
  </Actions>
</Task>
`;

/** Quotes for a Windows command line: backslashes before a quote are doubled. */
const quote = (argument: string): string =>
  `"${argument.replaceAll(/(\\*)("|$)/g, (_match, slashes: string, end: string) => `${slashes}${slashes}${end && '\\"'}`)}"`;
