import { describe, expect, test } from 'vitest';
import deadline, { type DeadlineOptions } from '../../plugins/deadline/index.ts';
import { isKeepaliveError } from '../../sdk/contract/errors.ts';
import { fakeContext, testProvider } from '../../sdk/testing/index.ts';

const NEXT_YEAR = new Date().getFullYear() + 1;
const DATE = `${NEXT_YEAR}-03-01`;
const MIDNIGHT = new Date(NEXT_YEAR, 2, 1);
const DAY = 86_400_000;
const make = (options: Partial<DeadlineOptions> = {}) => deadline({ id: 'npm', expiresAt: DATE, ...options });

const at = (now: number) => fakeContext({ now: () => now });

describe('the end', () => {
  test.each<[string, DeadlineOptions['expiresAt'], Date]>([
    ['a date alone is the start of that day here', DATE, MIDNIGHT],
    ['a date of YAML is the same', new Date(`${DATE}T00:00:00Z`), MIDNIGHT],
    ['a time of YAML is that time', new Date(`${DATE}T09:00:00Z`), new Date(`${DATE}T09:00:00Z`)],
    ['a time in UTC', `${DATE}T09:00:00Z`, new Date(`${DATE}T09:00:00Z`)],
    ['a time with an offset', `${DATE}T09:00+02:00`, new Date(`${DATE}T07:00:00Z`)],
    ['a time without a zone is on the clock here', `${DATE}T09:00`, new Date(NEXT_YEAR, 2, 1, 9)],
  ])('%s', async (_name, expiresAt, end) => {
    expect(await make({ expiresAt }).inspect?.(fakeContext())).toMatchObject({ expiresAt: end, loginExpiresAt: end });
  });

  test.each(['', 'soon', '2027-02-30', '01.03.2027', '2027-03-01 09:00', '2027-13-01', '1969-01-01', '2999-01-01'])(
    'may not be %j',
    expiresAt => {
      expect(() => make({ expiresAt })).toThrow(
        expect.toSatisfy(error => isKeepaliveError(error) && JSON.stringify(error.details).includes('expiresAt')),
      );
    },
  );
});

test('it is fresh until its end, with no network and no program', async () => {
  const context = at(MIDNIGHT.getTime() - 1);
  expect(await make().refresh({ ...context, force: true })).toEqual({
    status: 'fresh',
    method: 'observe',
    expiresAt: MIDNIGHT,
    loginExpiresAt: MIDNIGHT,
  });
  expect([context.calls.exec, context.calls.fetch]).toEqual([[], []]);
});

test.each([0, 1, 400 * DAY])('it needs a login from its end on (%d ms after it), with the command', async after => {
  expect(await make({ renew: 'claude setup-token' }).refresh(at(MIDNIGHT.getTime() + after))).toEqual({
    status: 'login-required',
    method: 'observe',
    hint:
      'Renew it with `claude setup-token`. Then run `keepalive remove npm` and ' +
      "`keepalive add deadline --id npm expiresAt=DATE renew='claude setup-token'`. " +
      'If it is in a configuration file, change `expiresAt` there instead.',
    proof: expect.stringContaining('ended'),
  });
});

test('without a command, the hint says what to do all the same', async () => {
  expect(await make().inspect?.(fakeContext())).toMatchObject({
    renew: expect.stringMatching(/^Renew it\. Then run .* and `keepalive add deadline --id npm expiresAt=DATE`\. /),
  });
});

test('the hint has the options of the session, unless they are too long', async () => {
  const hintOf = async (options: Partial<DeadlineOptions>) => {
    const seen = await make(options).inspect?.(fakeContext());
    return seen?.renew;
  };
  expect(await hintOf({ renew: "it's", warn: ['30d', '7d'], displayName: 'My token' })).toContain(
    String.raw`expiresAt=DATE renew='it'\''s' warn=30d,7d displayName='My token'` + '`',
  );
  expect(await hintOf({ warn: [] })).toContain('expiresAt=DATE warn=none`');
  expect(await hintOf({ renew: 'x'.repeat(200) })).toContain('expiresAt=DATE …`');
});

test('another end has another fingerprint, so that a session that needed a login resumes', async () => {
  const fingerprints = await Promise.all(
    [DATE, DATE, `${NEXT_YEAR}-03-02`].map(async expiresAt => {
      const seen = await make({ expiresAt }).inspect?.(fakeContext());
      return seen?.fingerprint;
    }),
  );
  expect(new Set(fingerprints).size).toBe(2);
});

test('its warnings are those of the policy, unless it names its own, which are put in order', () => {
  expect(make().policy).not.toHaveProperty('warn');
  expect(make({ warn: ['1d', '30d', '24h', '7d'] }).policy).toHaveProperty('warn', ['30d', '7d', '1d']);
  expect(make({ warn: [] }).policy).toHaveProperty('warn', []);
  expect(() => make({ warn: Array.from({ length: 11 }, () => '1d' as const) })).toThrow('not valid');
});

test('it keeps the contract of a provider', async () => {
  expect((await testProvider(make())).checks.filter(({ problem }) => problem !== undefined)).toEqual([]);
});
