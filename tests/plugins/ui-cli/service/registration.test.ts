import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { registrationOf } from '../../../../plugins/ui-cli/service/registration.ts';
import { commandLine } from '../../../../plugins/ui-cli/service/steps.ts';
import type { Facts } from '../../../../plugins/ui-cli/service/types.ts';
import { temporaryFolder } from '../run-cli.ts';

const facts = (platform: NodeJS.Platform, more: Partial<Facts> = {}): Facts => ({
  platform,
  userHome: '/home/me',
  uid: 501,
  stateDir: '/state',
  suffix: '',
  env: { PATH: '/usr/bin:/bin', HOME: '/home/me', LANG: 'C' },
  command: ['/usr/bin/node', '/opt/keepalive/main.js'],
  ...more,
});

function registration(platform: NodeJS.Platform, more?: Partial<Facts>) {
  const found = registrationOf(facts(platform, more));
  if (!found) throw new Error(`nothing for ${platform}`);
  return found;
}

const ODD = '/a "b" & <c> 100% $HOME \\d';
const ALL = { suffix: 'abcd1234', command: ['/usr/bin/node', '/opt/main.js', '--home', ODD] } as const;
const PLACES = {
  PATH: '/usr/bin',
  CODEX_HOME: '/x',
  CLAUDE_CONFIG_DIR: '/y',
  HTTPS_PROXY: 'http://proxy.test:8080',
  NODE_EXTRA_CA_CERTS: '/ca.pem',
};
const PRIVATE = { http_proxy: 'http://me:hunter22@proxy.test', ANTHROPIC_API_KEY: 'sk-1', KEEPALIVE_HOME: '/h' };

describe('systemd', () => {
  test('the unit', () => {
    const { file, install, uninstall, forget } = registration('linux');
    expect(file.path).toBe('/home/me/.config/systemd/user/keepalive.service');
    expect(file.text).toMatchInlineSnapshot(`
      "# Written by \`keepalive service install\`, which writes it anew.
      [Unit]
      Description=Session Keepalive
      StartLimitIntervalSec=0

      [Service]
      ExecStart="/usr/bin/node" "/opt/keepalive/main.js"
      Environment="PATH=/usr/bin:/bin"
      Restart=on-failure
      RestartSec=30
      # 3: another daemon has this home. 7: the configuration is refused. Another start mends neither.
      RestartPreventExitStatus=3 7
      # A vendor's program that may be renewing a login goes on to its end.
      KillMode=process
      TimeoutStopSec=90
      # docs/service.md says what these take away, and what others would.
      NoNewPrivileges=yes
      RestrictSUIDSGID=yes
      RestrictRealtime=yes
      LockPersonality=yes
      SystemCallArchitectures=native
      SystemCallFilter=~@clock @cpu-emulation @debug @module @obsolete @raw-io @reboot @swap
      SystemCallErrorNumber=EPERM
      RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
      UMask=0077

      [Install]
      WantedBy=default.target
      "
    `);
    expect({
      install: install.map(commandLine),
      uninstall: uninstall.map(commandLine),
      forget: forget.map(commandLine),
    }).toMatchInlineSnapshot(`
      {
        "forget": [
          "systemctl --user daemon-reload",
          "systemctl --user reset-failed keepalive.service",
        ],
        "install": [
          "systemctl --user daemon-reload",
          "systemctl --user enable keepalive.service",
          "systemctl --user restart keepalive.service",
        ],
        "uninstall": [
          "systemctl --user disable --now keepalive.service",
        ],
      }
    `);
  });

  test('an instance with another home has its own unit, with everything quoted', () => {
    const { name, file } = registration('linux', ALL);
    expect(name).toBe('keepalive-abcd1234.service');
    expect(file.text).toContain(
      String.raw`ExecStart="/usr/bin/node" "/opt/main.js" "--home" "/a \"b\" & <c> 100%% $$HOME \\d"`,
    );
  });

  const analyze = spawnSync('systemd-analyze', ['--version']);
  test.skipIf(analyze.error)(
    `systemd-analyze accepts it${analyze.error ? ' (skipped: no systemd-analyze here)' : ''}`,
    () => {
      const folder = temporaryFolder();
      const node = join(folder, 'a 100% $HOME', 'node');
      mkdirSync(dirname(node));
      symlinkSync(process.execPath, node);
      const { name, file } = registration('linux', {
        command: [node, '/main.js', '--home', ODD],
        env: { ...PLACES, PATH: `/bin:${ODD}` },
      });
      writeFileSync(join(folder, name), file.text);
      const verify = () =>
        spawnSync('systemd-analyze', ['--user', '--man=no', 'verify', join(folder, name)], {
          encoding: 'utf8',
          env: { ...process.env, XDG_RUNTIME_DIR: folder },
        });
      expect(verify()).toMatchObject({ status: 0, stderr: '' });
      writeFileSync(join(folder, name), file.text.replace('KillMode=process', 'KillMode=gently'));
      expect(verify().stderr).toContain('gently');
    },
  );
});

describe('launchd', () => {
  test('the agent', () => {
    const { file, install, uninstall } = registration('darwin', { userHome: '/Users/me' });
    expect(file.path).toBe('/Users/me/Library/LaunchAgents/session-keepalive.plist');
    expect(file.text).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
      <!-- Written by \`keepalive service install\`, which writes it anew. -->
      <plist version="1.0">
      <dict>
        <key>Label</key>
        <string>session-keepalive</string>
        <key>ProgramArguments</key>
        <array>
          <string>/usr/bin/node</string>
          <string>/opt/keepalive/main.js</string>
        </array>
        <key>EnvironmentVariables</key>
        <dict>
          <key>PATH</key>
          <string>/usr/bin:/bin</string>
        </dict>
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
        <integer>90</integer>
        <key>ProcessType</key>
        <string>Background</string>
      </dict>
      </plist>
      "
    `);
    expect({ install: install.map(commandLine), uninstall: uninstall.map(commandLine) }).toMatchInlineSnapshot(`
      {
        "install": [
          "launchctl bootout gui/501/session-keepalive",
          "launchctl print gui/501/session-keepalive",
          "launchctl enable gui/501/session-keepalive",
          "launchctl bootstrap gui/501 /Users/me/Library/LaunchAgents/session-keepalive.plist",
        ],
        "uninstall": [
          "launchctl bootout gui/501/session-keepalive",
          "launchctl print gui/501/session-keepalive",
        ],
      }
    `);
  });

  test('an instance with another home has its own agent, with everything escaped', () => {
    const { name, file } = registration('darwin', ALL);
    expect(name).toBe('session-keepalive.abcd1234');
    expect(file.text).toContain('<string>/a &quot;b&quot; &amp; &lt;c&gt; 100% $HOME \\d</string>');
  });
});

describe('the Windows Task Scheduler', () => {
  const windows = {
    env: { USERNAME: 'me', USERDOMAIN: 'PC', Path: 'C:\\Windows' },
    command: ['C:\\Program Files\\node.exe', 'C:\\k\\main.js'],
  } as const;

  test('the task', () => {
    const { file, install, uninstall } = registration('win32', windows);
    expect(file).toMatchObject({ path: '/state/service.xml', encoding: 'utf16le' });
    expect(file.text).toMatchInlineSnapshot(`
      "﻿<?xml version="1.0" encoding="UTF-16"?>
      <Task version="1.3" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
        <RegistrationInfo>
          <Description>Session Keepalive. Written by \`keepalive service install\`, which writes it anew.</Description>
        </RegistrationInfo>
        <Triggers>
          <LogonTrigger>
            <UserId>PC\\me</UserId>
          </LogonTrigger>
        </Triggers>
        <Principals>
          <Principal id="Author">
            <UserId>PC\\me</UserId>
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
            <Arguments>--headless &quot;C:\\Program Files\\node.exe&quot; &quot;C:\\k\\main.js&quot;</Arguments>
          </Exec>
        </Actions>
      </Task>
      "
    `);
    expect({ install: install.map(commandLine), uninstall: uninstall.map(commandLine) }).toMatchInlineSnapshot(`
      {
        "install": [
          "schtasks /Create /TN "Session Keepalive (me)" /XML /state/service.xml /F",
          "schtasks /Run /TN "Session Keepalive (me)"",
        ],
        "uninstall": [
          "schtasks /Delete /TN "Session Keepalive (me)" /F",
        ],
      }
    `);
  });

  test('an instance with another home has its own task, with everything quoted', () => {
    const { name, file } = registration('win32', {
      ...windows,
      suffix: 'abcd1234',
      command: [...windows.command, '--home', 'C:\\a & b\\'],
    });
    expect(name).toBe('Session Keepalive abcd1234 (me)');
    expect(file.text).toContain('&quot;--home&quot; &quot;C:\\a &amp; b\\\\&quot;</Arguments>');
  });
});

describe('the environment', () => {
  test.each(['linux', 'darwin'] as const)(
    'on %s paths are copied, possible secrets are not, and the notes say so',
    platform => {
      const { file, notes } = registration(platform, { env: { ...PLACES, ...PRIVATE } });
      for (const text of ['/ca.pem', 'http://proxy.test:8080', 'CODEX_HOME', 'CLAUDE_CONFIG_DIR'])
        expect(file.text).toContain(text);
      for (const text of ['hunter22', 'sk-1', 'KEEPALIVE_HOME']) expect(file.text + notes.join()).not.toContain(text);
      expect(notes.join('\n')).toContain('CLAUDE_CONFIG_DIR, CODEX_HOME, HTTPS_PROXY, NODE_EXTRA_CA_CERTS, PATH');
      expect(notes.join('\n')).toContain('may contain a password: http_proxy');
    },
  );

  test('a value with a line break is not copied', () => {
    expect(registration('linux', { env: { CODEX_HOME: '/x\nExecStartPre=/bin/evil' } }).file.text).not.toContain(
      'evil',
    );
  });

  test("on Windows it is the account's, and the notes list differences", () => {
    const { notes } = registration('win32', { env: { ...PLACES, USERNAME: 'me' } });
    expect(notes.join('\n')).toContain(
      'Set in this shell: CLAUDE_CONFIG_DIR, CODEX_HOME, HTTPS_PROXY, NODE_EXTRA_CA_CERTS.',
    );
  });
});

const python = spawnSync('python3', ['--version']);
test.skipIf(python.error)(
  `the documents are well-formed${python.error ? ' (skipped: there is no python3 to parse them)' : ''}`,
  () => {
    for (const platform of ['darwin', 'win32'] as const) {
      const text = registration(platform, { ...ALL, env: { ...PLACES, USERNAME: 'a&b' } })
        .file.text.replace('\ufeff', '')
        .replace('UTF-16', 'UTF-8');
      expect(() =>
        execFileSync('python3', ['-c', 'import sys, xml.dom.minidom as m; m.parseString(sys.stdin.buffer.read())'], {
          input: text,
        }),
      ).not.toThrow();
    }
  },
);

test.each([
  ['a line break', '/a\nExecStartPre=/bin/evil'],
  ['a carriage return', '/a\rb'],
  ['a control character, which XML cannot have', '/a\u0001b'],
  ['an escape sequence', '/a\u001b[2Jb'],
])('%s in a path is refused by each manager', (_name, path) => {
  for (const platform of ['linux', 'darwin', 'win32'] as const) {
    expect(() => registration(platform, { command: ['/node', '/main.js', '--home', path] })).toThrow('this path');
    expect(registration(platform, { env: { CODEX_HOME: path } }).file.text).not.toContain(path);
  }
});

test.each(['linux', 'darwin', 'win32'] as const)('on %s the definition has what it launches', platform => {
  const { file, launches } = registration(platform, ALL);
  expect(file.text).toContain(launches);
  expect(registration(platform).file.text).not.toContain(launches);
  expect(registration(platform, { ...ALL, env: PLACES }).file.text).toContain(launches);
});

test('other platforms have no registration', () => {
  expect(registrationOf(facts('freebsd'))).toBeUndefined();
});
