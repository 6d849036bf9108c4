import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { OpenBackend } from '../backend.ts';
import type { Action, IconState, MenuItem, TrayModel } from '../model.ts';
import { SCRIPT } from './script.ts';

/** Characters that the menu bar colours itself. Plain ones mean that the user need not act. */
const GLYPHS: Readonly<Record<IconState, string>> = { quiet: '◉', away: '○', soon: '▲', needed: '❗' };

/** A status item in the menu bar, shown by osascript. UNTESTED on macOS, like its script. */
export const openMacos: OpenBackend = async ({ model, onAction }) => {
  let actions: readonly Action[] = [];
  const child = spawn('osascript', ['-l', 'JavaScript', '-e', SCRIPT], { stdio: ['pipe', 'pipe', 'ignore'] });
  const exited = once(child, 'exit');
  const lost = exited.then(() => {
    throw new Error('The menu bar icon is gone.');
  });
  lost.catch(() => undefined);
  // A write may fail after the program has ended. `lost` reports that.
  child.stdin.on('error', () => undefined);
  createInterface({ input: child.stdout }).on('line', line => {
    const { chosen }: { readonly chosen?: number } = JSON.parse(line);
    const action = chosen === undefined ? undefined : actions[chosen - 1];
    if (action) onAction(action);
  });
  const show = (next: TrayModel) => {
    const numbered = numberItems(next);
    actions = numbered.actions;
    child.stdin.write(`${asciiJson({ ...numbered.shown, glyph: GLYPHS[next.icon] })}\n`);
  };
  show(model);
  return {
    lost,
    show,
    async close() {
      child.stdin.end();
      if (child.exitCode === null) await exited;
    },
  };
};

/** The script decodes what it reads in pieces, and a piece may end within a character that takes several bytes. */
export const asciiJson = (value: object): string =>
  JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

type Numbered = Pick<TrayModel, 'title'> & { readonly items: readonly (MenuItem & { readonly number?: number })[] };

/** Numbers the items that have an action, from 1. */
export function numberItems({ title, items }: TrayModel): {
  readonly shown: Numbered;
  readonly actions: readonly Action[];
} {
  const actions: Action[] = [];
  const number = (list: readonly MenuItem[]): Numbered['items'] =>
    list.map(item => {
      if (item.separator) return item;
      const { action, items, ...shown } = item;
      return {
        ...shown,
        ...(items ? { items: number(items) } : {}),
        ...(action ? { number: actions.push(action) } : {}),
      };
    });
  return { shown: { title, items: number(items) }, actions };
}
