import { expect, test } from 'vitest';
import gemini from '../../plugins/gemini/index.ts';
import { fakeContext, type FakeContext } from '../../sdk/testing/index.ts';
import { trusted } from '../support/vendors/trusted.ts';

const FILE = '~/.gemini/oauth_creds.json';
const creds = (minutes: number, members: object = {}) =>
  JSON.stringify({
    access_token: 'CANARY-access',
    refresh_token: 'CANARY-refresh',
    expiry_date: Date.UTC(2026, 0, 1) + minutes * 60_000,
    ...members,
  });
const DUE = creds(-60);

/** A machine on which gemini does this with its file. */
const machine = (act: (write: (text: string) => void) => void) => {
  const context: FakeContext = fakeContext({
    files: { [FILE]: DUE },
    programs: { gemini: '/bin/gemini' },
    exec: () => {
      act(text => context.files.write(FILE, text));
      return {};
    },
  });
  return context;
};
const refresh = (context: FakeContext) =>
  gemini({}, async () => {}, trusted('gemini', 'list-sessions'))
    .refresh(context)
    .catch((error: unknown) => error);

test.each([
  ['a web page', '<html>'],
  ['nothing', ''],
  ['a list', '[]'],
  ['no access token', JSON.stringify({ refresh_token: 'CANARY-refresh' })],
])('a login that gemini overwrites with %s is put back', async (_name, text) => {
  const context = machine(write => write(text));
  expect(await refresh(context)).toMatchObject({
    code: 'KA_INTERCEPTED',
    details: { reason: expect.stringContaining('was put back') },
  });
  expect(await context.files.read(FILE)).toBe(DUE);
});

test('a login is put back by the next attempt, if the first one ended in between', async () => {
  const context = machine(write => write('<html>'));
  const noDisk = { ...context.files, prepare: () => Promise.reject(new Error('There is no disk.')) };
  expect(await refresh({ ...context, files: noDisk })).toMatchObject({ message: 'There is no disk.' });
  expect(await context.files.read(FILE)).toBe('<html>');
  expect(await refresh(context)).toMatchObject({ code: 'KA_INTERCEPTED' });
  expect(await context.files.read(FILE)).toBe(DUE);
  expect(context.calls.exec).toHaveLength(2);
});

test.each([
  ['a renewed login', creds(60, { access_token: 'CANARY-2' })],
  ['a login without an expiry', creds(60, { expiry_date: undefined })],
])('%s stays as gemini wrote it', async (_name, text) => {
  const context = machine(write => write(text));
  expect(await refresh(context)).toMatchObject({ status: 'refreshed' });
  expect(await context.files.read(FILE)).toBe(text);
});
