import type { CommandEntry } from '../../context/command.ts';

export const ACT: readonly CommandEntry[] = [
  {
    usage: 'refresh [ids...]',
    about: 'attempt now: renew what is due, and wait for the result; without ids, all sessions that are not paused',
    options: [
      { flags: '-f, --force', about: 'renew even if nothing is due' },
      { flags: '-a, --all', about: 'all sessions that are not paused, as without ids' },
    ],
    load: async () => (await import('./refresh.ts')).refresh,
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
    usage: 'notify test',
    about: 'send a test notice, to see where notices appear',
    load: async () => (await import('./notify.ts')).test,
  },
  {
    usage: 'notify list',
    about: 'show where notices go',
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
