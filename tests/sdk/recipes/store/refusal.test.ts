import { expect, test } from 'vitest';
import { forgetRefusal, noteRefusal } from '../../../../sdk/recipes/store/refusal.ts';
import { fakeFiles } from '../../../../sdk/testing/index.ts';

const LOGIN = { store: '/login.json', fingerprint: 'one' };

function scene(at = 1_000_000) {
  const files = fakeFiles();
  return (time = at, login = LOGIN) => noteRefusal({ files, now: () => time }, login);
}

test('a second refusal of the same credential is believed a minute later, not before', async () => {
  const refuse = scene();
  expect(await refuse()).toEqual({ until: new Date(1_060_000) });
  expect(await refuse(1_059_999)).toEqual({ until: new Date(1_060_000) });
  expect(await refuse(1_060_000)).toEqual({ apartMs: 60_000 });
});

test('another credential begins again', async () => {
  const refuse = scene();
  await refuse();
  expect(await refuse(2_000_000, { ...LOGIN, fingerprint: 'two' })).toEqual({ until: new Date(2_060_000) });
});

test('a note of a clock that was ahead counts as none', async () => {
  const refuse = scene();
  await refuse(9_000_000);
  expect(await refuse(1_000_000)).toEqual({ until: new Date(1_060_000) });
  expect(await refuse(1_060_000)).toEqual({ apartMs: 60_000 });
});

test('a credential that was accepted is forgotten', async () => {
  const files = fakeFiles();
  await noteRefusal({ files, now: () => 1 }, LOGIN);
  await forgetRefusal({ files }, LOGIN);
  expect(await noteRefusal({ files, now: () => 100_000 }, LOGIN)).toEqual({ until: new Date(160_000) });
});
