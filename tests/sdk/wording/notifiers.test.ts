import { expect, test } from 'vitest';
import type { NotifierInfo } from '../../../sdk/contract/rpc.ts';
import { describeDelivery, describeNotifiers } from '../../../sdk/wording/notifiers.ts';

const NOON = new Date(2026, 0, 5, 12).getTime();
const on = (more: Partial<NotifierInfo> = {}): NotifierInfo => ({
  id: 'desk',
  place: 'on this desktop',
  status: 'on',
  ...more,
});

test.each<[Partial<NotifierInfo>, string]>([
  [{ quiet: { from: '22:00', to: '07:00' } }, 'They are held from 22:00 to 07:00.'],
  [
    { quiet: { from: '22:00', to: '07:00', timezone: 'Europe/Berlin', days: ['fri', 'sat'], except: ['error'] } },
    'They are held from 22:00 to 07:00 on Fri, Sat (Europe/Berlin), except error.',
  ],
])('the quiet hours follow the places: %#', (more, text) => {
  expect(describeNotifiers([on(more), on(more)])).toBe(`Notices appear on this desktop and on this desktop. ${text}`);
});

test.each<[Partial<NotifierInfo>, readonly string[]]>([
  [{}, []],
  [{ waiting: 1 }, ['1 notice waits.']],
  [{ waiting: 3, quiet: { from: '9:00', to: '13:00', until: NOON + 3_600_000 } }, ['3 notices wait until 13:00.']],
  [{ route: {} }, ['It gets every notice.']],
  [
    { route: { sessions: ['a', 'b'], levels: ['error'], codes: ['failing'] } },
    ['It gets only notices about a or b of level error with the code failing.'],
  ],
])('what a notifier gets, and what waits for it: %#', (more, sentences) => {
  expect(describeDelivery(on(more), NOON)).toEqual(sentences);
});
