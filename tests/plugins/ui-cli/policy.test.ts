import { describe, expect, test } from 'vitest';
import { parseAssignments, parseUnset } from '../../../plugins/ui-cli/policy/assignments.ts';
import { parseSchedule } from '../../../plugins/ui-cli/policy/schedule.ts';
import { DEFAULT_POLICY } from '../../../sdk/contract/policy.ts';

describe('a schedule on the command line', () => {
  test.each([
    ['interval:30m', { mode: 'interval', every: '30m' }],
    ['before-expiry:5m', { mode: 'before-expiry', buffer: '5m' }],
    ['daily:09:00', { mode: 'daily', at: '09:00' }],
    ['daily:23:59@Europe/Berlin', { mode: 'daily', at: '23:59', timezone: 'Europe/Berlin' }],
    ['daily:09:00,mon,Wed', { mode: 'daily', at: '09:00', days: ['mon', 'wed'] }],
    [
      'daily:06:00@UTC,mon-fri',
      { mode: 'daily', at: '06:00', timezone: 'UTC', days: ['mon', 'tue', 'wed', 'thu', 'fri'] },
    ],
    ['daily:06:00,sat-mon', { mode: 'daily', at: '06:00', days: ['sat', 'sun', 'mon'] }],
    ['cron:0 9 * * 1-5', { mode: 'cron', pattern: '0 9 * * 1-5' }],
    ['cron:0 9 * * *@Asia/Tokyo', { mode: 'cron', pattern: '0 9 * * *', timezone: 'Asia/Tokyo' }],
  ])('%s', (text, schedule) => {
    expect(parseSchedule(text)).toEqual(schedule);
  });

  test.each([
    ['', 'no such schedule'],
    ['hourly', 'no such schedule'],
    ['interval:soon', '"soon" is not a duration'],
    ['interval:', '"" is not a duration'],
    ['daily:9:00', 'HH:MM'],
    ['daily:24:00', 'HH:MM'],
    ['daily:09:00@Mars/Olympus', 'not a time zone'],
    ['daily:09:00@', 'not a time zone'],
    ['daily:09:00,someday', '"someday" is not a day'],
    ['daily:09:00,mon-', '"mon-" is not a day'],
    ['daily:09:00,', '"" is not a day'],
    ['cron:* * *', 'five to seven fields'],
    ['before-expiry:5', '"5" is not a duration'],
  ])('%j is refused with what is allowed', (text, why) => {
    expect(() => parseSchedule(text)).toThrow(why);
    expect(() => parseSchedule(text)).toThrow('A schedule is interval:30m, daily:09:00');
  });
});

describe('KEY=VALUE', () => {
  test.each([
    [['enabled=false'], { enabled: false }],
    [['enabled=true', 'retries=0'], { enabled: true, retries: 0 }],
    [
      ['minInterval=90s', 'timeout=2m', 'refreshBefore=10m'],
      { minInterval: '90s', timeout: '2m', refreshBefore: '10m' },
    ],
    [['maxFailures=9', 'jitter=0.25'], { maxFailures: 9, jitter: 0.25 }],
    [['schedule=cron:0 9 * * *'], { schedule: { mode: 'cron', pattern: '0 9 * * *' } }],
    [['warn=7d,30d,168h,1h'], { warn: ['30d', '7d', '1h'] }],
    [['warn=none'], { warn: [] }],
    [['backoff.initial=1m', 'backoff.factor=3'], { backoff: { initial: '1m', factor: 3, max: '30m' } }],
  ])('%j', (assignments, patch) => {
    expect(parseAssignments(assignments, DEFAULT_POLICY)).toEqual(patch);
  });

  test.each([
    ['colour=red', '"colour" cannot be set. Keys:\n  enabled'],
    ['backoff=1m', '"backoff" cannot be set'],
    ['toString=1', '"toString" cannot be set'],
    ['enabled', 'enabled needs a value, as in enabled=…: true or false'],
    ['enabled=yes', 'expected true or false'],
    ['enabled=toString', 'expected true or false'],
    ['minInterval=5', 'expected a duration'],
    ['warn=', 'expected a duration'],
    ['warn=30d;7d', 'expected a duration'],
    ['warn=1d,2d,3d,4d,5d,6d,7d,8d,9d,10d,11d', 'expected up to 10 durations such as 30d,7d,1d, or none'],
    ['retries=-1', 'expected a whole number'],
    ['retries=1.5', 'expected a whole number'],
    ['maxFailures=0', 'from 1 to 1000'],
    ['jitter=1.1', 'from 0 to 1'],
    ['backoff.factor=0.5', 'from 1 to 100'],
    ['=x', '"" cannot be set'],
  ])('%j is refused with what is allowed', (assignment, why) => {
    expect(() => parseAssignments([assignment], DEFAULT_POLICY)).toThrow(why);
  });
});

test('unset resets members of the policy, and rejects other keys', () => {
  expect(parseUnset(['schedule', 'backoff'])).toEqual({ schedule: null, backoff: null });
  expect(() => parseUnset(['schedule', 'nothing'])).toThrow('"nothing" cannot be unset. Keys: enabled, schedule');
});
