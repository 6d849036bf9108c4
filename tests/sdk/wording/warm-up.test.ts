import { describe, expect, it } from 'vitest';
import type { UsageWindow, WarmUp, WarmUpRun } from '../../../sdk/contract/rpc.ts';
import {
  costText,
  nextText,
  RESULT_LABELS,
  runText,
  warmUpLimits,
  warmUpSchedule,
  warmUpStatus,
  windowText,
} from '../../../sdk/wording/warm-up.ts';

const HOUR = 3_600_000;
const NOW = new Date(2026, 9, 12, 8, 0).getTime();

describe('the schedule of a warm-up', () => {
  it.each<[Parameters<typeof warmUpSchedule>[0], string]>([
    [{ at: ['6:00'] }, '06:00 every day'],
    [
      { at: ['06:00', '11:30'], days: ['mon', 'tue'], timezone: 'Europe/Berlin', skip: ['2026-12-25'] },
      '06:00, 11:30 on Mon, Tue; Europe/Berlin; not on 25 Dec',
    ],
    [{ at: ['06:00'], skip: ['2027-01-01', '2025-12-25'] }, '06:00 every day; not on 1 Jan 2027'],
    [
      { at: ['06:00'], skip: ['2026-12-24', '2026-12-25', '2026-12-26', '2026-12-31', '2026-12-30'] },
      '06:00 every day; not on 24 Dec, 25 Dec, 26 Dec, 2 more days',
    ],
    [{ every: '1h' }, 'every hour'],
    [{ every: '90m', days: ['fri'] }, 'every 90 minutes on Fri'],
  ])('%j is %s', (schedule, text) => {
    expect(warmUpSchedule(schedule, NOW)).toBe(text);
  });

  it.each<[Parameters<typeof warmUpLimits>[0], string]>([
    [{}, 'at most 1 prompt a day; skipped if the machine sleeps at the time'],
    [
      { at: ['06:00', '11:30'] },
      'at most 1 prompt a day, then its other times are skipped; skipped if the machine sleeps at the time',
    ],
    [{ at: ['06:00', '11:30'], perDay: 2 }, 'at most 2 prompts a day; skipped if the machine sleeps at the time'],
    [{ perDay: 2, missed: '30m' }, 'at most 2 prompts a day; made up to 30 minutes late if the machine slept'],
  ])('its limits %j are %s', (limits, text) => {
    expect(warmUpLimits(limits)).toBe(text);
  });
});

describe('a usage window', () => {
  it.each<[UsageWindow, string]>([
    [{ kind: 'short', usedPercent: 12, resetsAt: NOW + 3 * HOUR }, '5-hour window: 12 % used, resets in 3 h (11:00)'],
    [{ kind: 'short', resetsAt: NOW + 3 * HOUR }, '5-hour window: resets in 3 h (11:00)'],
    [
      { kind: 'short', usedPercent: 0.4, startsAt: NOW - HOUR, resetsAt: NOW + 2 * HOUR },
      '3-hour window: 0 % used, resets in 2 h (10:00)',
    ],
    [
      { kind: 'short', startsAt: NOW + HOUR, resetsAt: NOW + 6 * HOUR },
      '5-hour window: begins in 1 h (09:00), resets in 6 h (14:00)',
    ],
    [
      { kind: 'week', usedPercent: 100, resetsAt: NOW + 48 * HOUR },
      'week: 100 % used, resets in 2 days (Wed 14 Oct 08:00)',
    ],
    [{ kind: 'short', usedPercent: 7, resetsAt: NOW - HOUR }, '5-hour window: 7 % used, reset 1 h ago (07:00)'],
  ])('%j is %s', (window, text) => {
    expect(windowText(window, NOW)).toBe(text);
  });
});

describe('a run of a warm-up', () => {
  const run: WarmUpRun = {
    id: 'morning',
    session: 'claude',
    plannedAt: NOW - 2 * HOUR,
    endedAt: NOW - 2 * HOUR,
    result: 'started',
    message: 'A window was started. It began 06:00 and resets 11:00.',
    windows: [],
  };

  it('says when it was and what happened', () => {
    expect(runText(run, NOW)).toBe('2 h ago (06:00): A window was started. It began 06:00 and resets 11:00.');
    expect(runText({ ...run, result: 'skipped', message: 'A window is running already' }, NOW)).toBe(
      '2 h ago (06:00): skipped. A window is running already.',
    );
  });

  it('says that it had no effect for every result without one', () => {
    const labels = (['no-effect', 'refused', 'failed'] as const).map(result => RESULT_LABELS[result]);
    expect(labels.every(label => label.startsWith('no effect'))).toBe(true);
  });
});

describe('what comes next', () => {
  const next: WarmUp['next'] = [{ at: NOW + HOUR }];

  it('is a time, and why it will be skipped', () => {
    expect(nextText({ at: NOW + HOUR }, NOW)).toBe('in 1 h (09:00)');
    expect(nextText({ at: NOW + HOUR, skipped: 'The week is used up.' }, NOW)).toBe(
      'in 1 h (09:00): will be skipped. The week is used up.',
    );
  });

  it.each<[Parameters<typeof warmUpStatus>[0], ReturnType<typeof warmUpStatus>]>([
    [{ next }, { text: 'next in 1 h (09:00)', tone: 'good' }],
    [
      { next: [{ at: NOW + HOUR, skipped: 'A window is running.' }] },
      { text: 'next in 1 h (09:00)', tone: 'deferred' },
    ],
    [{ next: [] }, { text: 'no more times', tone: 'off' }],
    [
      { next, paused: { at: NOW - HOUR, why: 'No effect.' } },
      { text: 'paused itself 1 h ago', tone: 'stopped' },
    ],
  ])('%j is %j', (warmUp, status) => {
    expect(warmUpStatus(warmUp, NOW)).toEqual(status);
  });
});

it('shows a cost with the command as it is typed in a shell', () => {
  const cost = { command: ['claude', '-p', '--tools', '', "it's"], tokens: 'about 700', terms: 'It is allowed' };
  expect(costText({ ...cost, warning: 'Two a day.' })).toEqual([
    { label: 'Runs', text: `claude -p --tools '' 'it'\\''s'` },
    { label: 'Tokens', text: 'About 700.' },
    { label: 'Terms', text: 'It is allowed.' },
    { label: 'Warning', text: 'Two a day.' },
  ]);
});
