import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { Message, MessageType, sessionBus } from '@jellybrick/dbus-next';
import { PANEL, PANEL_FILE } from '../tests/support/daemon/panel-layout.ts';
import type { ExampleEnvironment } from './example-home.ts';

export type DesktopEnvironment = ExampleEnvironment & Readonly<Record<'DISPLAY' | 'DBUS_SESSION_BUS_ADDRESS', string>>;

/** Runs `use` with a virtual screen, a panel with a tray, and a service that takes notices and shows none. */
export async function withDesktop(
  env: ExampleEnvironment,
  use: (env: DesktopEnvironment) => Promise<void>,
): Promise<void> {
  const started: ChildProcess[] = [];
  const launch = (program: string, args: readonly string[], more: Readonly<Record<string, string>>) => {
    const child = spawn(program, args, { env: { ...env, ...more }, stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
    started.push(child);
    return child;
  };
  const [config, runtime] = [join(env.HOME, '.desktop'), join(env.HOME, '.desktop/run')];
  const panelFile = join(config, PANEL_FILE);
  mkdirSync(dirname(panelFile), { recursive: true });
  mkdirSync(runtime, { mode: 0o700 });
  writeFileSync(panelFile, PANEL);
  const base = { XDG_CONFIG_HOME: config, XDG_RUNTIME_DIR: runtime, NO_AT_BRIDGE: '1', GTK_A11Y: 'none' };
  try {
    const screen = launch('Xvfb', ['-displayfd', '3', '-screen', '0', '800x400x24', '-nolisten', 'tcp'], base);
    const DISPLAY = `:${await firstOutput(screen)}`;
    const bus = launch('dbus-daemon', ['--session', '--nofork', '--nosyslog', '--print-address=3'], {
      ...base,
      DISPLAY,
    });
    const DBUS_SESSION_BUS_ADDRESS = await firstOutput(bus);
    launch('xfce4-panel', ['--disable-wm-check'], { ...base, DISPLAY, DBUS_SESSION_BUS_ADDRESS });
    const stop = await takeNotices(DBUS_SESSION_BUS_ADDRESS);
    await use({ ...env, DISPLAY, DBUS_SESSION_BUS_ADDRESS }).finally(stop);
  } finally {
    for (const child of started.toReversed()) {
      const ended = once(child, 'exit');
      if (child.kill()) await ended;
    }
  }
}

async function takeNotices(busAddress: string): Promise<() => void> {
  const bus = sessionBus({ busAddress });
  bus.addMethodHandler(message => {
    if (message.interface !== 'org.freedesktop.Notifications' || message.type !== MessageType.METHOD_CALL) return false;
    const [signature, body] = message.member === 'GetCapabilities' ? ['as', [['body']]] : ['u', [1]];
    bus.send(Message.newMethodReturn(message, String(signature), [...body]));
    return true;
  });
  await bus.requestName('org.freedesktop.Notifications');
  return () => bus.disconnect();
}

async function firstOutput(child: ChildProcess): Promise<string> {
  const [text] = await once(child.stdio[3] as Readable, 'data');
  return String(text).trim();
}
