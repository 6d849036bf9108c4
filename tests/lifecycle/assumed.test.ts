import { expect, test } from 'vitest';
import type { SessionRecord } from '../../sdk/contract/session.ts';
import { hashOf } from '../../lifecycle/credential.ts';
import type { InspectionCause, SessionEvent } from '../../lifecycle/event.ts';
import { changed, H, M, move, NOW, recordOf, type StateName } from './example-sessions.ts';

/** A login in a keychain: an inspection sees signs of it, and no more. */
const SEEN = { present: true, assumed: true, store: 'the keychain' };
const inspected = (cause: InspectionCause): SessionEvent => ({ type: 'inspected', cause, found: SEEN });

test.each<[StateName, boolean]>([
  ['unavailable', true],
  ['login-required', true],
  // The vendor's program writes beside its login all day, and when we start it.
  ['alive', false],
  ['deferred', false],
  ['backoff', false],
  ['too-many-failures', false],
  ['paused', false],
  ['disabled', false],
])('a sign of a sign-in is looked into if the session is %s: %s', (name, isLookedInto) => {
  const before = recordOf(name, { sight: hashOf(SEEN), lastAttemptAt: NOW - H });
  expect(move(before, changed(SEEN)).state.name === 'idle').toBe(isLookedInto);
});

test.each<[string, Partial<SessionRecord>, boolean]>([
  ['at once if the signs are new', { lastAttemptAt: NOW - M, sight: 'another' }, true],
  ['not again for the same signs', { lastAttemptAt: NOW - H, sight: hashOf(SEEN) }, false],
  ['once a day, also if they are the same', { lastAttemptAt: NOW - 24 * H, sight: hashOf(SEEN) }, true],
])('a store that no inspection can look into is tried %s', (_name, facts, isTried) => {
  expect(move(recordOf('unavailable', facts), inspected('unavailable')).state.name === 'idle').toBe(isTried);
});

test('what an attempt did not find is not shown as found', () => {
  const preview: SessionEvent = { type: 'preview', found: SEEN };
  expect(move(recordOf('unavailable'), preview).state).toEqual(recordOf('unavailable').state);
});
