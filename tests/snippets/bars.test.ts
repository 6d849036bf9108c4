import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { waylandScreen, xScreen, type BarScreen } from '../support/bars/bar-screen.ts';
import { barHome, saveSnippet, type Situation } from '../support/bars/home.ts';
import { isInstalled, realOrMissing } from '../support/bars/programs.ts';

const [GREEN, RED] = ['#3fb950', '#f85149'];
const SITUATIONS: readonly (readonly [Situation, string, string])[] = [
  ['well', GREEN, RED],
  ['login', RED, GREEN],
];

const WAYBAR = ['waybar', 'sway', 'grim', 'setpriv'];
const POLYBAR = ['polybar', 'Xvfb', 'import'];
const lacks = (programs: readonly string[]) => !programs.every(isInstalled);

/** Waits until text of this colour is on the screen, and returns all colours. */
const untilSeen = (screen: BarScreen, colour: string): Promise<ReadonlyMap<string, number>> =>
  vi.waitUntil(
    async () => {
      const colours = await screen.colours();
      return (colours.get(colour) ?? 0) > 20 && colours;
    },
    { timeout: 30_000, interval: 200 },
  );

describe.skipIf(lacks(WAYBAR))(`docs/snippets/waybar.jsonc and waybar.css in ${realOrMissing(...WAYBAR)}`, () => {
  test.each(SITUATIONS)('show in colour that all is %s', async (situation, colour, other) => {
    const { home, env } = barHome(situation);
    const include = [saveSnippet(home, 'waybar.jsonc')];
    saveSnippet(home, 'waybar.css', 'keepalive.css');
    writeFileSync(join(home, 'config'), JSON.stringify({ include, 'modules-left': ['custom/keepalive'] }));
    // Text this large has pixels of exactly the colours of the style sheet.
    const font = '* { font: 24px monospace; } window#waybar { background: #000; }';
    writeFileSync(join(home, 'style.css'), `@import "keepalive.css";\n${font}\n`);
    const screen = await waylandScreen(home, env);
    screen.start('waybar', ['-c', join(home, 'config'), '-s', join(home, 'style.css')]);
    expect((await untilSeen(screen, colour)).get(other)).toBeUndefined();
  });
});

describe.skipIf(lacks(POLYBAR))(`docs/snippets/polybar.ini in ${realOrMissing(...POLYBAR)}`, () => {
  test.each(SITUATIONS)('shows in colour that all is %s', async (situation, colour, other) => {
    const { home, env } = barHome(situation);
    const bar = ['[bar/main]', 'height = 40', 'font-0 = monospace:size=24', 'modules-left = keepalive'];
    writeFileSync(
      join(home, 'config.ini'),
      [`include-file = ${saveSnippet(home, 'polybar.ini')}`, ...bar, ''].join('\n'),
    );
    const screen = await xScreen(env);
    screen.start('polybar', ['--config=' + join(home, 'config.ini'), 'main']);
    expect((await untilSeen(screen, colour)).get(other)).toBeUndefined();
  });
});
