import type { CommandEntry } from '../../context/command.ts';
import { parseList } from '../../context/options.ts';
import { MIN, WAIT } from '../../gate/options.ts';

const ELSEWHERE =
  'A session of another machine of the fleet is MACHINE/ID, such as laptop/codex. That machine must accept it.';

export const ACT: readonly CommandEntry[] = [
  {
    usage: 'refresh [ids...]',
    about: 'attempt now: renew what is due, and wait for the result; without ids, all sessions that are not paused',
    options: [
      { flags: '-f, --force', about: 'renew even if nothing is due' },
      { flags: '-a, --all', about: 'all sessions that are not paused, as without ids' },
    ],
    help: () => ELSEWHERE,
    load: async () => (await import('./refresh.ts')).refresh,
  },
  {
    usage: 'login <id>',
    about: "sign in to a session's tool with its own program, here or on a phone",
    options: [
      {
        flags: '--device',
        about: 'finish it on any device, such as a phone; opens no browser here [where there is no desktop]',
      },
    ],
    help: () => ELSEWHERE,
    load: async () => (await import('./login.ts')).login,
  },
  {
    usage: 'exec <command> [args...]',
    about: 'run a command only if its sessions are good: keepalive exec -- claude -p …',
    options: [
      {
        flags: '--session <id>',
        about: 'a session that has to be good; may be repeated [those whose login the command uses]',
        parse: parseList,
      },
      MIN,
      WAIT,
    ],
    load: async () => (await import('./exec.ts')).exec,
  },
  {
    usage: 'pause <id>',
    about: 'pause a session',
    load: async () => (await import('./steer.ts')).pause,
  },
  {
    usage: 'resume <id>',
    about: 'resume a paused or halted session',
    load: async () => (await import('./steer.ts')).resume,
  },
  {
    usage: 'set <id> <key=value...>',
    about: "change a session's policy, e.g. schedule=interval:30m enabled=false",
    load: async () => (await import('./steer.ts')).set,
  },
  {
    usage: 'unset <id> <keys...>',
    about: 'go back to the configured policy',
    load: async () => (await import('./steer.ts')).unset,
  },
  {
    usage: 'rpc [method] [json]',
    about: 'call a method of the API and print its result as JSON; without a method, list all',
    help: () =>
      `The params are one JSON object, or - to read it from stdin:\n  keepalive rpc session/get '{"id":"codex"}'`,
    load: async () => (await import('./rpc.ts')).rpc,
  },
  {
    usage: 'notify test [id]',
    about: 'send a test notice, to see where notices appear; with an id, through one notifier',
    load: async () => (await import('./notify.ts')).test,
  },
  {
    usage: 'notify list',
    about: 'show where notices go, the quiet hours, and what waits',
    load: async () => (await import('./notify.ts')).list,
  },
  {
    usage: 'notify on [id]',
    about: 'switch a notifier on; without an id, all',
    load: async () => (await import('./notify.ts')).on,
  },
  {
    usage: 'notify off [id]',
    about: 'switch a notifier off; without an id, all',
    load: async () => (await import('./notify.ts')).off,
  },
];
