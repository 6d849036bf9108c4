import { expect, test } from 'vitest';
import { killBusy, type Lost } from '../../bench/subjects/attempts/kill.ts';
import { DIST } from '../support/daemon/daemon.ts';
import { seededRandom } from '../support/clock/simulated-clock.ts';
import { times } from '../support/runs.ts';

test('R13: what clients of a killed daemon were sent is on disk, and no vendor was asked before that was', async ({
  annotate,
}) => {
  const rounds = times(2, 20);
  const random = seededRandom(13);
  const seen: Lost[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const load = { dist: DIST, sessions: 200, concurrency: 64 };
    const lost = await killBusy(load, 1 + Math.floor(random() * 2_000));
    expect(lost).toMatchObject({ notSaved: 0, notInHistory: 0, askedUnsaved: 0 });
    seen.push(lost);
  }
  const announced = seen.reduce((sum, lost) => sum + lost.announced, 0);
  const asked = seen.reduce((sum, lost) => sum + lost.asked, 0);
  await annotate(`killed ${rounds} times: ${announced} attempts were announced and ${asked} made, 0 lost`);
});
