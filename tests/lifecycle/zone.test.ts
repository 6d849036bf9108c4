import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { unknownZone } from '../../lifecycle/zone.ts';

/** The offsets that Node uses for it, in January and in July. */
async function offsetsOf(zone: string): Promise<readonly number[]> {
  const script =
    'console.log(JSON.stringify([0, 6].map(month => new Date(Date.UTC(2026, month)).getTimezoneOffset())))';
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], { env: { ...process.env, TZ: zone } });
  return JSON.parse(stdout);
}

describe('a TZ is known if Node applies it', () => {
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

  test('without TZ, the zone of the machine is used', () => {
    expect(unknownZone(undefined, () => 0)).toBe(unknownZone(process.env['TZ'], () => 0));
  });

  test('an unknown TZ is shown without characters that a terminal would interpret', () => {
    expect(unknownZone('Foo\u001b[2J', () => 0)).toBe('Foo??2J');
  });
});
