import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { beforeEach, expect, test, vi } from 'vitest';
import { silentLog } from '../../runtime/log/log.ts';
import { openOutboxes } from '../../state/outboxes.ts';
import { notice } from '../support/notice.ts';
import { temporaryFolder } from '../support/real-context.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  file = join(folder, 'notices.json');
});

const write = (content: unknown) => writeFileSync(file, JSON.stringify(content));
const read = (): unknown => JSON.parse(readFileSync(file, 'utf8'));
const message = { receipt: 'm1', notices: [notice()], thread: 7 };

test('members that another version added are kept', async () => {
  const known = { version: 1, since: 1, notifiers: { chat: { waiting: [], messages: [message], room: 'a' } } };
  write(known);
  const outboxes = await openOutboxes(file, silentLog());
  outboxes.of('desk').put(notice());
  await outboxes.flush();
  expect(read()).toEqual({
    ...known,
    notifiers: { ...known.notifiers, desk: { waiting: [notice()], messages: [] } },
  });
});

test('a damaged entry is set aside, and the others are kept', async () => {
  write({ version: 1, notifiers: { chat: { waiting: [notice(), 7], messages: [message, { receipt: 1 }] }, desk: 3 } });
  const outboxes = await openOutboxes(file, silentLog());
  expect(outboxes.of('chat').content).toEqual({ waiting: [notice()], messages: [message] });
  expect(outboxes.of('desk').content).toEqual({ waiting: [], messages: [] });
  expect(readdirSync(folder).some(name => name.startsWith('notices.json.damaged-'))).toBe(true);
});

test('a file that a newer version wrote is refused', async () => {
  write({ version: 2, notifiers: {} });
  await expect(openOutboxes(file, silentLog())).rejects.toMatchObject({ code: 'KA_HOME_NEWER' });
});

test('a notice that could not be saved is saved when the daemon ends', async () => {
  const lines: string[] = [];
  const outboxes = await openOutboxes(file, pino({}, { write: line => void lines.push(line) }));
  renameSync(folder, `${folder}-away`);
  outboxes.of('chat').put(notice());
  await vi.waitFor(() => expect(lines.join('')).toContain('could not be saved'));
  renameSync(`${folder}-away`, folder);
  await outboxes.flush();
  expect(read()).toMatchObject({ notifiers: { chat: { waiting: [notice()] } } });
});

test('a notice that is raised again while the former is delivered stays', async () => {
  const outbox = (await openOutboxes(file, silentLog())).of('chat');
  const [former, again] = [notice(), notice()];
  outbox.put(former);
  outbox.put(again);
  outbox.drop([former]);
  expect(outbox.waiting).toEqual([again]);
});
