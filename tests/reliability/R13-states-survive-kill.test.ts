import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openStateFile } from '../../state/states.ts';
import { silentLog } from '../../runtime/log/log.ts';
import { locateHome } from '../../sdk/system/home.ts';
import { temporaryFolder } from '../support/real-context.ts';
import { times } from '../support/runs.ts';

const PROGRAM = fileURLToPath(new URL('../support/io/saving-process.mjs', import.meta.url));

/** Kills a process that saves records, some time after its first. Returns the last confirmed number of each session. */
async function killed(folder: string, afterMs: number): Promise<ReadonlyMap<string, number>> {
  const child = spawn(process.execPath, [PROGRAM, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child.stdout.setEncoding('utf8'), 'end');
  let text = '';
  child.stdout.on('data', chunk => void (text += chunk));
  await once(child.stdout, 'data');
  setTimeout(() => child.kill('SIGKILL'), afterMs);
  await ended;
  const lines = text.split('\n').slice(0, -1);
  return new Map(lines.map(line => [line.split(' ')[0] ?? '', Number(line.split(' ')[1])]));
}

test('R13: a process killed while it saves many records loses none that was confirmed', async ({ annotate }) => {
  const home = locateHome({ KEEPALIVE_HOME: await temporaryFolder() });
  const rounds = times(8, 100);
  let confirmed = 0;
  let valid = 0;
  for (let round = 0; round < rounds; round += 1) {
    const last = await killed(home.stateDir, (round * 37) % 300);
    const store = await openStateFile(home, silentLog());
    for (const [id, number] of last) {
      expect(store.sessions.get(id)?.lastAttemptAt).toBeGreaterThanOrEqual(number);
      confirmed += 1;
    }
    valid += isJson(readFileSync(home.states, 'utf8')) ? 1 : 0;
  }
  // A kill within one write can leave half a line. The log has it.
  expect(valid).toBeGreaterThanOrEqual(rounds * 0.9);
  await annotate(
    `${rounds} kills: ${confirmed} of ${confirmed} confirmed records found, ${valid} files valid as they were`,
  );
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
