import { printableJson } from '../../../sdk/base/printable.ts';
import { coloured, plain, shown, type View } from '../render/view.ts';

/** A stream that text is written to. */
export type Output = {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
};

type ScreenOptions = {
  readonly out: Output;
  readonly err: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => number;
  /** Write nothing but the document to `out`. */
  readonly json: boolean;
  readonly colour: boolean;
};

/** The output of a command while it runs. */
export interface Screen {
  /** Whether the output is a terminal that can be redrawn. */
  readonly live: boolean;
  /** The current width, time and colours to render with. */
  view(): View;
  /** Prints a line; not with --json. */
  line(text: string): void;
  /** Prints a JSON value on a line, also with --json: for programs that read one value after the other. */
  record(value: unknown): void;
  /** Prints a line to stderr. */
  note(text: string): void;
  /** Replaces the live block at the bottom; undefined removes it. Does nothing unless `live`. */
  draw(block: string | undefined): void;
  /** Leaves the live block where it is: the next one is drawn below. */
  leave(): void;
  /** Has the terminal mark what is pasted, so that a line break in it is not taken for Enter. */
  markPastes(isOn: boolean): void;
}

/** All output goes through these functions, so that no text can control the terminal. */
export const print = (output: Output, text: string): void => void output.write(shown(text));
/** A file in another format. Its maker has removed the control characters of foreign text. */
export const printRaw = (output: Output, text: string): void => void output.write(text);
export const printDocument = (output: Output, document: unknown): void =>
  void output.write(`${printableJson(JSON.stringify(document, null, 2))}\n`);

/** As no-color.org and the usual variables say. FORCE_COLOR and CLICOLOR_FORCE ask for colours in a pipe, too. */
export function wantsColour(env: Readonly<Record<string, string | undefined>>, isTerminal: boolean): boolean {
  if (env['NO_COLOR']) return false;
  const forced = env['FORCE_COLOR'] ?? env['CLICOLOR_FORCE'];
  if (forced !== undefined) return !['0', 'false'].includes(forced);
  return isTerminal && env['TERM'] !== 'dumb' && env['CLICOLOR'] !== '0';
}

const CLEAR = '\x1b[H\x1b[2J';

export function createScreen({ out, err, env, now, json, colour }: ScreenOptions): Screen {
  const live = Boolean(out.isTTY) && !json && env['TERM'] !== 'dumb';
  const paint = colour && wantsColour(env, Boolean(out.isTTY)) ? coloured : plain;
  const width = () => out.columns ?? (Number(env['COLUMNS']) || Infinity);
  // The cursor is on the line below what is drawn.
  const height = () => Math.max(1, (out.rows ?? 24) - 1);
  let drawn = 0;
  let drawnAt = width();

  function erase(): string {
    // After a resize, wrapped lines can no longer be counted.
    const codes = drawn && drawnAt !== width() ? CLEAR : drawn ? `\x1b[${drawn}A\r\x1b[J` : '';
    drawn = 0;
    drawnAt = width();
    return codes;
  }

  return {
    live,
    view: () => ({ now: now(), width: width(), height: live ? height() : undefined, paint }),
    line(text) {
      if (!json) out.write(`${erase()}${shown(text)}\n`);
    },
    record: value => void out.write(`${printableJson(JSON.stringify(value))}\n`),
    note: text => print(err, `${text}\n`),
    draw(block) {
      if (!live) return;
      if (block === undefined) return void (drawn && out.write(erase()));
      const lines = block.split('\n').slice(0, height());
      out.write(`${erase()}${shown(lines.join('\n'))}\n`);
      drawn = lines.length;
    },
    leave() {
      drawn = 0;
    },
    markPastes(isOn) {
      if (live) out.write(isOn ? '\x1b[?2004h' : '\x1b[?2004l');
    },
  };
}
