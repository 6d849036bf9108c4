import { describe, expect, test } from 'vitest';
import { accepts, deliveryAt, retryAt, type Pending } from '../../lifecycle/notice-delivery.ts';
import type { NoticeRoute } from '../../sdk/contract/config.ts';
import type { NoticeLevel } from '../../sdk/contract/session.ts';
import { notice } from '../support/notice.ts';

const at = (since: number, level: NoticeLevel = 'error'): Pending => ({
  notice: notice({ level }),
  since: since * 1_000,
});

describe('notices are delivered', () => {
  test.each<[string, Pending[], { readonly digest?: number; readonly lastSent?: number }, number]>([
    ['two seconds after an error that comes alone', [at(0)], {}, 2],
    ['two seconds after the last of several', [at(0), at(1), at(2.5)], {}, 4.5],
    ['ten seconds after the first error if they do not stop', [at(0), at(3), at(6), at(9)], {}, 10],
    ['ten seconds after good news', [at(0, 'info')], {}, 10],
    ['a minute after the first good news if it does not stop', [0, 20, 40, 55].map(s => at(s, 'info')), {}, 60],
    ['soon if an error follows good news', [at(0, 'info'), at(5)], {}, 7],
    ['ten seconds after the last message', [at(1)], { lastSent: 0 }, 10],
    ['at once without a digest', [at(3)], { digest: 0, lastSent: 3 }, 3],
  ])('%s', (_name, pending, { digest = 10, lastSent = -Infinity }, expected) => {
    expect(deliveryAt(pending, digest * 1_000, lastSent * 1_000) / 1_000).toBe(expected);
  });
});

test('a channel that cannot be reached is tried after 1, 2, 4 minutes, and then every half hour', () => {
  expect([1, 2, 3, 5, 6, 20].map(failures => retryAt(failures, 0) / 60_000)).toEqual([1, 2, 4, 16, 30, 30]);
});

test.each<[NoticeRoute, boolean]>([
  [{}, true],
  [{ sessions: ['codex'] }, true],
  [{ sessions: ['other'] }, false],
  [{ levels: ['error', 'warning'] }, true],
  [{ levels: ['info'] }, false],
  [{ codes: ['login-required'] }, true],
  [{ codes: ['failing'] }, false],
  [{ sessions: ['codex'], levels: ['info'] }, false],
])('the route %j leads an error about a login of codex to its notifier: %s', (route, accepted) => {
  expect(accepts(route, notice())).toBe(accepted);
});
