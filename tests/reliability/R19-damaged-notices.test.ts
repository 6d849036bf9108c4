import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseJson } from '../../runtime/files/own-file.ts';
import { silentLog } from '../../runtime/log/log.ts';
import { isRecord } from '../../sdk/base/json.ts';
import { openOutboxes } from '../../state/outboxes.ts';
import { bytesOf, damaged } from '../support/io/mutations.ts';
import { notice } from '../support/notice.ts';
import { temporaryFolder } from '../support/real-context.ts';
import { runs } from '../support/runs.ts';

const HELD = notice({ id: 'acme:failing', session: 'acme', code: 'failing' });
const LATER = notice({ id: 'later:login-required', session: 'later' });
const SOUND = JSON.stringify({
  version: 1,
  notifiers: {
    'notify-slack': { waiting: [HELD], messages: [{ receipt: 'C1:1764.5', notices: [notice()] }] },
    'notify-desktop': { waiting: [], messages: [{ receipt: '7', notices: [notice()], ended: true }] },
  },
});

const isNewer = (json: unknown): boolean => {
  const version = isRecord(json) ? json['version'] : undefined;
  return Number.isSafeInteger(version) && Number(version) > 1;
};

async function expectSurvival(folder: string, bytes: Buffer): Promise<void> {
  const file = join(folder, 'notices.json');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { mode: 0o700 });
  writeFileSync(file, bytes);
  const json = parseJson(bytes.toString());
  if (isNewer(json)) {
    await expect(openOutboxes(file, silentLog())).rejects.toMatchObject({ code: 'KA_HOME_NEWER' });
    expect([readdirSync(folder), readFileSync(file).equals(bytes)]).toEqual([['notices.json'], true]);
    return;
  }
  const outboxes = await openOutboxes(file, silentLog());
  outboxes.of('notify-slack').put(LATER);
  await outboxes.flush();
  const aside = readdirSync(folder).filter(name => name.includes('.damaged-'));
  expect(aside.map(name => readFileSync(join(folder, name)).equals(bytes))).toEqual(
    isRecord(json) ? aside.map(() => true) : [true],
  );
  const again = (await openOutboxes(file, silentLog())).of('notify-slack');
  expect(again.waiting).toContainEqual(LATER);
  expect(again.messages).toEqual(outboxes.of('notify-slack').messages);
}

test('R19: the daemon survives any content of notices.json and sets aside what it cannot read', async ({
  annotate,
}) => {
  const folder = join(await temporaryFolder(), 'home');
  await expectSurvival(folder, Buffer.from(SOUND));
  expect(readdirSync(folder)).toEqual(['notices.json']);
  const asked = runs(100, 5_000);
  await fc.assert(
    fc.asyncProperty(damaged(SOUND), letters => expectSurvival(folder, bytesOf(letters))),
    asked,
  );
  await annotate(`${asked.numRuns} times notices.json, damaged: 0 crashes, 0 lost`);
});
