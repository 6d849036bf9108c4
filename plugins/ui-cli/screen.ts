import { printableJson } from '../../sdk/base/printable.ts';
import { coloured, plain, shown, type View } from './render/view.ts';

/** Where text goes: a stream of the process, or a text in a test. */
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
  /** Only the document goes to `out`. */
  readonly json: boolean;
  readonly colour: boolean;
};

/** What a command shows while it works, and how. */
export interface Screen {
  /** Whether a person is looking, so that a picture may be redrawn. */
  readonly live: boolean;
  /** How to render for it, as of now. */
  view(): View;
  /** A line for the person; not with --json. */
  line(text: string): void;
  /** A line beside the result. */
  note(text: string): void;
  /** A picture in place of the one before; undefined takes it away. Only where `live`. */
  draw(picture: string | undefined): void;
}

/** All output goes through these two, so that no text can control the terminal. */
export const print = (output: Output, text: string): void => void output.write(shown(text));
export const printDocument = (output: Output, document: unknown): void =>
  void output.write(`${printableJson(JSON.stringify(document, null, 2))}\n`);

const CLEAR = '\x1b[H\x1b[2J';

export function createScreen({ out, err, env, now, json, colour }: ScreenOptions): Screen {
  const live = Boolean(out.isTTY) && !json && env['TERM'] !== 'dumb';
  const paint = colour && out.isTTY && !env['NO_COLOR'] && env['TERM'] !== 'dumb' ? coloured : plain;
  const width = () => out.columns ?? (Number(env['COLUMNS']) || Infinity);
  let drawn = 0;
  let drawnAt = width();

  function erase(): string {
    // Lines that a narrower window has broken cannot be counted any more.
    const codes = drawn && drawnAt !== width() ? CLEAR : drawn ? `\x1b[${drawn}A\r\x1b[J` : '';
    drawn = 0;
    drawnAt = width();
    return codes;
  }

  return {
    live,
    view: () => ({ now: now(), width: width(), paint }),
    line(text) {
      if (!json) out.write(`${erase()}${shown(text)}\n`);
    },
    note: text => print(err, `${text}\n`),
    draw(picture) {
      if (!live) return;
      if (picture === undefined) return void (drawn && out.write(erase()));
      const lines = picture.split('\n').slice(0, Math.max(1, (out.rows ?? 24) - 1));
      out.write(`${erase()}${shown(lines.join('\n'))}\n`);
      drawn = lines.length;
    },
  };
}
