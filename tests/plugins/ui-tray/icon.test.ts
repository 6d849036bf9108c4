import { expect, test } from 'vitest';
import { drawIcon } from '../../../plugins/ui-tray/icon.ts';
import type { IconState } from '../../../plugins/ui-tray/model.ts';

const ICONS: readonly IconState[] = ['quiet', 'soon', 'needed', 'away'];

/** The number of pixels of each colour, without transparent ones. */
function coloursOf(icon: IconState, size: number): ReadonlyMap<string, number> {
  const pixels = drawIcon(icon, size);
  const counts = new Map<string, number>();
  for (let at = 0; at < pixels.length; at += 4) {
    const [red, green, blue, alpha] = pixels.subarray(at, at + 4);
    if (alpha === 255) counts.set(`${red},${green},${blue}`, (counts.get(`${red},${green},${blue}`) ?? 0) + 1);
  }
  return counts;
}

test.each(ICONS)('%s fills its square, and its corners are transparent', icon => {
  const pixels = drawIcon(icon, 22);
  expect(pixels).toHaveLength(22 * 22 * 4);
  expect([pixels[3], pixels.at(-1)]).toEqual([0, 0]);
});

test('only an icon that needs attention has a colour', () => {
  const isGrey = (colour: string) =>
    Math.max(...colour.split(',').map(Number)) - Math.min(...colour.split(',').map(Number)) < 20;
  expect(ICONS.map(icon => [icon, [...coloursOf(icon, 22).keys()].every(isGrey)])).toEqual([
    ['quiet', true],
    ['soon', false],
    ['needed', false],
    ['away', true],
  ]);
});

test('all differ even without colours', () => {
  const amounts = (icon: IconState) => [...coloursOf(icon, 48).values()].reduce((sum, count) => sum + count, 0);
  expect(amounts('quiet')).toBeGreaterThan(amounts('away'));
  expect(amounts('needed')).toBeGreaterThan(amounts('quiet'));
  expect([...coloursOf('needed', 48).keys()]).toContain('255,255,255');
});
