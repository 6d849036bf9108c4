import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { partialPolicySchema } from '../../../sdk/contract/policy-schema.ts';
import { checkValue } from '../../../sdk/contract/problems.ts';

const problemsIn = (value: unknown, schema: z.ZodType = partialPolicySchema) => {
  const checked = checkValue(schema, value, { show: found => JSON.stringify(found) });
  return checked.ok ? [] : checked.problems.map(({ path, message }) => [path, message].filter(Boolean).join(': '));
};

test.each<[unknown, string]>([
  [{ retries: 200 }, 'retries: expected a number of at most 100, found 200'],
  [{ jitter: -1 }, 'jitter: expected a number of at least 0, found -1'],
  [{ enabled: 'yes' }, 'enabled: expected true or false, found "yes"'],
  [{ timeout: 'soon' }, 'timeout: expected a duration such as 500ms, 90s, 30m, 1h or 7d, found "soon"'],
  [{ timeout: 5 }, 'timeout: expected a duration such as 500ms, 90s, 30m, 1h or 7d, found 5'],
  [{ refrshBefore: '5m' }, '"refrshBefore" is not known. Did you mean "refreshBefore"?'],
  [{ xyz: 1 }, '"xyz" is not known.'],
  [{ schedule: { mode: 'daily' } }, 'schedule.at: expected a time of day such as 09:00, but it is missing'],
  [
    { schedule: { mode: 'dayly' } },
    'schedule.mode: expected one of "interval", "daily", "before-expiry", "cron", found "dayly". Did you mean "daily"?',
  ],
  [
    { schedule: { mode: 'daily', at: '09:00', days: [] } },
    'schedule.days: expected a list that is not empty, found []',
  ],
  [{ backoff: { initial: '20s', factr: 1 } }, 'backoff: "factr" is not known. Did you mean "factor"?'],
])('of %j says what is expected and what was found', (value, problem) => {
  expect(problemsIn(value)).toEqual([problem]);
});

test('some members of a backoff are enough', () => {
  expect(problemsIn({ backoff: { initial: '20s' } })).toEqual([]);
});

describe('without a way to show what was found, no text is repeated', () => {
  const schema = z.strictObject({
    key: z.string().regex(/^a/),
    choice: z.enum(['touch', 'redeem']),
    list: z.array(z.string()),
  });
  test.each<[unknown, readonly string[]]>([
    [{ key: 'SECRET', choice: 'touch', list: [] }, ['expected another form of text']],
    [{ key: 'a', choice: 'SECRET', list: [] }, ['expected one of "touch", "redeem"']],
    [{ key: 'a', choice: 'redem', list: [] }, ['expected one of "touch", "redeem". Did you mean "redeem"?']],
    [{ key: 'a', choice: 'touch', list: 'SECRET' }, ['expected a list, found a text']],
    [{ key: 'a', choice: 'touch', list: [7] }, ['expected a text, found 7']],
  ])('%j', (value, messages) => {
    const checked = checkValue(schema, value);
    expect(checked.ok ? [] : checked.problems.map(({ message }) => message)).toEqual(messages);
  });
});
