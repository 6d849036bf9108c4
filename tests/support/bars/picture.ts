/** A screen as grim and ImageMagick write it: `P6`, width, height and the highest value, then red, green and blue. */
export function coloursOf(ppm: Buffer): ReadonlyMap<string, number> {
  const header = /^P6\s+(\d+)\s+(\d+)\s+255\s/.exec(ppm.subarray(0, 64).toString('latin1'));
  const counts = new Map<string, number>();
  for (let at = header?.[0].length ?? ppm.length; at + 2 < ppm.length; at += 3) {
    const colour = `#${ppm.subarray(at, at + 3).toString('hex')}`;
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  return counts;
}
