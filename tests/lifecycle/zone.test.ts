import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { unknownZone } from '../../lifecycle/zone.ts';

/** What Node makes of it at its start, in January and in July. */
async function offsetsOf(zone: string): Promise<readonly number[]> {
  const script =
    'console.log(JSON.stringify([0, 6].map(month => new Date(Date.UTC(2026, month)).getTimezoneOffset())))';
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], { env: { ...process.env, TZ: zone } });
  return JSON.parse(stdout);
}

describe('a TZ that Node takes for what it says is known', () => {
  test.concurrent.each([
    ['Europe/Berlin', true],
    [':Europe/Berlin', true],
    ['Asia/Calcutta', true],
    ['EST5EDT', true],
    ['GMT+3', true],
    ['Etc/GMT-3', true],
    ['Africa/Abidjan', true],
    ['Europe/London', true],
    ['UTC', true],
    ['utc', true],
    ['UTC0', true],
    ['GMT', true],
    ['Etc/UTC', true],
    ['', true],
    ['Foo/Bar', false],
    ['Europe/Berln', false],
    ['Europe/Berlin ', false],
    ['CET-1CEST,M3.5.0,M10.5.0', false],
  ])('"%s": %s', async (zone, known) => {
    const [january = 0, july = 0] = await offsetsOf(zone);
    expect(unknownZone(zone, at => (at.getUTCMonth() === 0 ? january : july)) === undefined).toBe(known);
  });

  test('none at all is the zone of the machine', () => {
    expect(unknownZone(undefined, () => 0)).toBe(unknownZone(process.env['TZ'], () => 0));
  });

  test('what it says is shown without what a terminal would take for a command', () => {
    expect(unknownZone('Foo\u001b[2J', () => 0)).toBe('Foo??2J');
  });
});
