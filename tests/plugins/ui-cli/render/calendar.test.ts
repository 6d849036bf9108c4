import ICAL from 'ical.js';
import { describe, expect, test } from 'vitest';
import { renderCalendar } from '../../../../plugins/ui-cli/render/calendar.ts';
import type { Duration } from '../../../../sdk/contract/duration.ts';
import type { Deadline } from '../../../../sdk/wording/deadlines.ts';

const NOW = Date.UTC(2026, 10, 29, 1, 2, 3);
const AT = Date.UTC(2027, 2, 1, 8, 30);
const DEADLINE: Deadline = {
  id: 'npm',
  displayName: 'npm token',
  kind: 'login',
  at: AT,
  renew: 'Renew it with `npm login`.',
  warn: ['30d', '1d'],
};
const written = (...deadlines: readonly Partial<Deadline>[]) =>
  renderCalendar(
    deadlines.map(more => ({ ...DEADLINE, ...more })),
    { now: NOW, origin: '0123456789abcdef' },
  );

/** The events, as another program reads them. */
const eventsIn = (text: string): readonly ICAL.Component[] =>
  ICAL.Component.fromString(text).getAllSubcomponents('vevent');
const textOf = (component: ICAL.Component | undefined, name: string) =>
  component?.getFirstPropertyValue(name)?.toString();

test('an event is at the end, and says what ends and what to do', () => {
  const [event] = eventsIn(written({}));
  expect(['uid', 'summary', 'description', 'dtstart', 'dtstamp', 'transp'].map(name => textOf(event, name))).toEqual([
    'npm-login-0123456789abcdef@session-keepalive',
    'npm token: the login ends',
    'Renew it with `npm login`.',
    '2027-03-01T08:30:00Z',
    '2026-11-29T01:02:03Z',
    'TRANSPARENT',
  ]);
});

test('the calendar names its version and its maker, and each deadline has its own event', () => {
  const calendar = ICAL.Component.fromString(written({}, { kind: 'credential' }, { id: 'gh' }));
  expect(textOf(calendar, 'version')).toBe('2.0');
  expect(textOf(calendar, 'prodid')).toContain('Session Keepalive');
  const uids = calendar.getAllSubcomponents('vevent').map(event => textOf(event, 'uid'));
  expect(new Set(uids).size).toBe(3);
  expect(eventsIn(written())).toEqual([]);
});

test('the UID stays when the end moves', () => {
  const uidOf = (at: number) => textOf(eventsIn(written({ at }))[0], 'uid');
  expect(uidOf(AT + 365 * 86_400_000)).toBe(uidOf(AT));
});

test.each<[Duration, string, number]>([
  ['30d', '-P30D', 30 * 86_400],
  ['36h', '-PT36H', 36 * 3_600],
  ['0.5d', '-PT12H', 12 * 3_600],
  ['90m', '-PT90M', 90 * 60],
  ['90s', '-PT90S', 90],
  ['100ms', '-PT1S', 1],
])('the warning %s is an alarm at %s', (lead, trigger, seconds) => {
  const text = written({ warn: [lead] });
  expect(text).toContain(`TRIGGER:${trigger}\r\n`);
  const alarms = eventsIn(text)[0]?.getAllSubcomponents('valarm') ?? [];
  const spans = alarms.map(alarm => alarm.getFirstPropertyValue('trigger'));
  expect(spans.map(span => (span instanceof ICAL.Duration ? span.toSeconds() : undefined))).toEqual([-seconds]);
  expect(alarms.map(alarm => textOf(alarm, 'action'))).toEqual(['DISPLAY']);
});

test('without warnings, there is no alarm', () => {
  expect(written({ warn: [] })).not.toContain('VALARM');
});

describe('a text', () => {
  const AWKWARD = [
    'semicolon; comma, backslash \\ and "quotes": all',
    'two\nlines',
    'ends with a backslash \\',
    `long ${'x'.repeat(300)}`,
    `ümläut ${'é'.repeat(100)} and 漢字${'語'.repeat(60)}`,
    `emoji ${'👩‍💻'.repeat(30)}`,
    'BEGIN:VEVENT\nEND:VCALENDAR',
    ' begins with a space',
  ];

  test.each(AWKWARD)('is read as it was: %j', text => {
    const [event, ...others] = eventsIn(written({ displayName: text, renew: text }));
    expect(others).toEqual([]);
    expect(textOf(event, 'description')).toBe(text);
    expect(textOf(event, 'summary')).toBe(`${text}: the login ends`);
  });

  test.each(AWKWARD)('is in lines of at most 75 octets, with no character divided: %j', text => {
    const lines = written({ displayName: text, renew: text }).split('\r\n');
    expect(Math.max(...lines.map(line => Buffer.byteLength(line)))).toBeLessThanOrEqual(75);
    expect(lines.join('')).not.toMatch(/[\r\n\uFFFD]/);
  });

  test('loses control characters, which could end a line or steer a terminal', () => {
    const [event] = eventsIn(written({ renew: 'a\r\nBEGIN:VALARM\x1b[31m\u202eb\x00' }));
    expect(textOf(event, 'description')).toBe('a\nBEGIN:VALARMb');
  });
});
