import type { CommandEntry, OptionEntry } from '../../context/command.ts';
import { parseCount, parsePlan, parseSpan } from '../../context/options.ts';
import { MIN, WAIT } from '../../gate/options.ts';
import { FORMATS } from '../../prompt/format.ts';
import { TARGETS } from '../../prompt/targets.ts';

const limit = (initial: string): OptionEntry => ({
  flags: '-n, --limit <n>',
  about: 'how many to show',
  parse: parseCount,
  initial,
});

export const SEE: readonly CommandEntry[] = [
  {
    usage: 'status [id]',
    about: 'show all sessions, or one in full',
    options: [
      { flags: '-w, --watch', about: 'keep updating' },
      { flags: '--fleet', about: 'show all machines of the fleet' },
    ],
    load: async () => (await import('./status.ts')).status,
  },
  {
    usage: 'fleet [place]',
    about: 'show all machines of the fleet, the worst first, or one: MACHINE, MACHINE/ID',
    options: [{ flags: '--history', about: 'list their past attempts instead, newest first' }, limit('20')],
    load: async () => (await import('./fleet.ts')).fleet,
  },
  {
    usage: 'check [ids...]',
    about: 'check once and report the result as an exit code; needs no daemon',
    options: [{ flags: '--refresh', about: 'also renew sessions that are due' }, MIN, WAIT],
    load: async () => (await import('./check.ts')).check,
  },
  {
    usage: 'plan',
    about: 'list the coming attempts, and why each is due',
    options: [{ flags: '--for <duration>', about: 'how far ahead', parse: parseSpan, initial: '24h' }],
    load: async () => (await import('./attempts.ts')).plan,
  },
  {
    usage: 'deadlines',
    about: 'list the dates that a renewal cannot extend, soonest first; needs no daemon',
    options: [{ flags: '--ics', about: 'print them as a calendar, with alarms' }],
    load: async () => (await import('./deadlines.ts')).deadlines,
  },
  {
    usage: 'warmup [id]',
    about: 'show the warm-ups: usage windows, last run and next times; with an id, also its history',
    options: [
      { flags: '--plan <n>', about: 'how many of the next times to show [3, or 10 of one]', parse: parsePlan },
      { flags: '--dry-run', about: 'show what would be run, and what would be skipped; nothing is sent' },
      { flags: '--resume', about: 'resume one that has paused itself' },
    ],
    load: async () => (await import('./warmup.ts')).warmup,
  },
  {
    usage: 'explain <id>',
    about: 'explain the time of the next attempt',
    load: async () => (await import('./attempts.ts')).explain,
  },
  {
    usage: 'history [id]',
    about: 'list past attempts, newest first',
    options: [limit('20')],
    load: async () => (await import('./attempts.ts')).history,
  },
  {
    usage: 'logs',
    about: "show the daemon's log",
    options: [{ flags: '-f, --follow', about: 'keep updating' }, limit('100')],
    load: async () => (await import('./logs.ts')).logs,
  },
  {
    usage: 'events',
    about: 'print what happens, as a line of JSON for each notification of the daemon',
    load: async () => (await import('./events.ts')).events,
  },
  {
    usage: 'doctor',
    about: 'check tools, credentials and this machine, and suggest fixes',
    options: [{ flags: '--bundle [file]', about: 'write a support file, without secrets' }],
    load: async () => (await import('./doctor.ts')).doctor,
  },
  {
    usage: 'ui [frontend]',
    about: 'open the settings page, or the page of another frontend, in the browser',
    options: [
      { flags: '--print', about: 'print its one-time link instead' },
      { flags: '--close', about: 'close all open pages' },
    ],
    load: async () => (await import('./frontends.ts')).ui,
  },
  {
    usage: 'prompt',
    about: 'print one short line for a shell prompt or a status bar',
    options: [
      {
        flags: '--format <format>',
        about: FORMATS,
        values: Object.keys(TARGETS),
      },
    ],
    load: async () => (await import('./frontends.ts')).prompt,
  },
];
