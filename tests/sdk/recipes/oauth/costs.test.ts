import { open, type FileHandle } from 'node:fs/promises';
import { expect, test, vi } from 'vitest';
import { redeem } from '../../../../sdk/recipes/oauth/redeem.ts';
import { realContext } from '../../../support/real-context.ts';
import { tokenFile } from '../../../support/vendors/token-file.ts';
import { rotatingServer } from '../../../support/vendors/token-server.ts';

/** What all file handles share. */
async function handles(): Promise<FileHandle> {
  const handle = await open(process.execPath);
  await handle.close();
  return Object.getPrototypeOf(handle);
}

test('a renewal syncs reserved space, the note and its folder, the reply, the new file and its folder', async () => {
  const { url } = await rotatingServer();
  const { folder, source } = await tokenFile({ tokenEndpoint: url });
  const sync = vi.spyOn(await handles(), 'sync');
  const datasync = vi.spyOn(await handles(), 'datasync');
  expect(await redeem(source, realContext(folder))).toMatchObject({ status: 'refreshed' });
  expect([sync, datasync].map(({ mock }) => mock.calls.length)).toEqual([5, 1]);
});

test('a look at a token that is not due syncs nothing', async () => {
  const { folder, source } = await tokenFile({}, { expires_at: Date.now() + 3_600_000 });
  const sync = vi.spyOn(await handles(), 'sync');
  expect(await redeem(source, realContext(folder))).toMatchObject({ status: 'fresh' });
  expect(sync).not.toHaveBeenCalled();
});
