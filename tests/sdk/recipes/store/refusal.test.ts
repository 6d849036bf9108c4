import { expect, test } from 'vitest';
import { forgetRefusal, noteRefusal } from '../../../../sdk/recipes/store/refusal.ts';
import { fakeFiles } from '../../../../sdk/testing/index.ts';

const LOGIN = { store: '/login.json', fingerprint: 'one' };

function scene(at = 1_000_000) {
  const files = fakeFiles();
  return (time = at, login = LOGIN) => noteRefusal({ files, now: () => time }, login);
}

test('a second refusal of the same credential is believed an hour later, not before', async () => {
  const refuse = scene();
  expect(await refuse()).toEqual({ until: new Date(4_600_000) });
  expect(await refuse(4_599_999)).toEqual({ until: new Date(4_600_000) });
  expect(await refuse(4_600_000)).toEqual({ apartMs: 3_600_000 });
});

test('another credential begins again', async () => {
  const refuse = scene();
  await refuse();
  expect(await refuse(5_000_000, { ...LOGIN, fingerprint: 'two' })).toEqual({ until: new Date(8_600_000) });
});

test('a note of a clock that was ahead counts as none', async () => {
  const refuse = scene();
  await refuse(9_000_000);
  expect(await refuse(1_000_000)).toEqual({ until: new Date(4_600_000) });
  expect(await refuse(4_600_000)).toEqual({ apartMs: 3_600_000 });
});

test('a credential that was accepted is forgotten', async () => {
  const files = fakeFiles();
  await noteRefusal({ files, now: () => 1 }, LOGIN);
  await forgetRefusal({ files }, LOGIN);
  expect(await noteRefusal({ files, now: () => 4_000_000 }, LOGIN)).toEqual({ until: new Date(7_600_000) });
});
