import { setTimeout as sleep } from 'node:timers/promises';
import { isRecord } from '../sdk/base/json.ts';
import { noticeSchema } from '../sdk/contract/notice-schema.ts';
import { sessionRecordSchema } from '../sdk/contract/session-schema.ts';
import type { Notice, SessionRecord, StatesFile } from '../sdk/contract/session.ts';
import type { Home } from '../sdk/system/home.ts';
import { sweepTemporaries } from '../runtime/files/durable.ts';
import { adopt, readOwnFile, replace } from '../runtime/files/own-file.ts';
import { quarantineIfUnusable, setAside, warnQuarantined } from '../runtime/files/quarantine.ts';
import type { KernelLog } from '../runtime/log/log.ts';
import { MIGRATIONS } from './migrations.ts';
import { parseStates } from './states-parsing.ts';
import { parseLog, type ParsedLog } from './states-log.ts';

export type StatesFiles = Pick<Home, 'states' | 'changes'>;

const versions = MIGRATIONS.states;

const READS = 3;
const BETWEEN_READS_MS = 10;

/** Reads `states.json`, with the changes that it may not show yet. */
export async function readStates({ states, changes }: StatesFiles, log: KernelLog): Promise<StatesFile> {
  await sweepTemporaries(states);
  // In this order, because a kernel that runs moves changes from the log to the file.
  const parsedLog = parseLog(await textOf(changes, log));
  const { bytes, parsed } = await readSettled(states, parsedLog, log);
  const content = await adopt(states, log, bytes, { versions, understand, parse: () => parsed });
  const isStale = parsedLog.id !== undefined && parsedLog.id !== parsed.id;
  if (parsedLog.isSound || isStale) return content;
  await replace(states, content, log);
  const aside = await setAside(changes, 'damaged');
  log.warn({ file: changes, aside }, 'a file of our own was damaged and has been set aside; its good lines are kept');
  return content;
}

/** Its place is needed for writing too. */
async function textOf(file: string, log: KernelLog): Promise<string> {
  warnQuarantined(await quarantineIfUnusable(file, 'r+'), log);
  return (await readOwnFile(file, log))?.toString('utf8') ?? '';
}

/** Reads the file again if it looks damaged: another kernel may be writing a line at this moment. */
async function readSettled(file: string, parsedLog: ParsedLog, log: KernelLog) {
  for (let reads = 1; ; reads += 1) {
    const bytes = await readOwnFile(file, log);
    const parsed = parseStates(bytes?.toString('utf8') ?? '', parsedLog);
    if (!bytes || parsed.isSound || parsed.id === undefined || reads === READS) return { bytes, parsed };
    await sleep(BETWEEN_READS_MS);
  }
}

/** Record by record, and notice by notice: a damaged one does not affect the others. Members of newer versions stay. */
function understand(json: unknown): StatesFile {
  const { sessions, notices, ...others } = isRecord(json) ? json : {};
  const records = Object.entries(isRecord(sessions) ? sessions : {}).filter(
    (entry): entry is [string, SessionRecord] => sessionRecordSchema.safeParse(entry[1]).success,
  );
  const good = (Array.isArray(notices) ? notices : []).filter(
    (notice): notice is Notice => noticeSchema.safeParse(notice).success,
  );
  return { ...others, version: versions.current, sessions: Object.fromEntries(records), notices: good };
}
