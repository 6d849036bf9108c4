import pty from '@lydell/node-pty';
import { Terminal } from '@xterm/headless';

/** A run of characters that look the same. */
export type Span = { readonly text: string; readonly color?: number; readonly bold: boolean; readonly dim: boolean };
export type Line = readonly Span[];
/** What the screen shows from a time on, in milliseconds since the start of the recording. */
export type Frame = { readonly at: number; readonly lines: readonly Line[] };

export const [COLUMNS, ROWS] = [92, 18];

const PROMPT = '\x1b[1;32m$\x1b[0m ';
const KEY_MS = 45;

/** Records programs in a terminal. Time passes as the recording says, not as the programs take it. */
export class Recording {
  readonly frames: Frame[] = [];
  readonly #terminal: Terminal;
  #now = 0;

  constructor(
    private readonly env: Readonly<Record<string, string>>,
    private readonly rows = ROWS,
  ) {
    this.#terminal = new Terminal({ cols: COLUMNS, rows, allowProposedApi: true });
  }

  /** Types a command, runs it to its end, and shows its output for a while. */
  async run(command: string, args: readonly string[], pauseMs: number): Promise<void> {
    await this.#type(command);
    await this.#spawn(args, output => this.#print(output));
    await this.#print('\r\n');
    this.wait(pauseMs);
  }

  /** Types a command, presses keys at times while it runs, and ends it with the last one. */
  async play(command: string, args: readonly string[], keys: readonly (readonly [afterMs: number, key: string])[]) {
    await this.#type(command);
    const started = Date.now();
    const from = this.#now;
    await this.#spawn(
      args,
      async output => {
        this.#now = Math.max(this.#now, from + Date.now() - started);
        await this.#print(output);
      },
      keys,
    );
    this.#now = Math.max(this.#now, from + Date.now() - started);
    this.#take();
  }

  wait(ms: number): void {
    this.#now += ms;
    this.#take();
  }

  async clear(): Promise<void> {
    await this.#print('\x1b[2J\x1b[3J\x1b[H');
  }

  async #type(command: string): Promise<void> {
    await this.#print(PROMPT);
    this.wait(600);
    for (const key of command) {
      this.#now += KEY_MS;
      await this.#print(key);
    }
    this.wait(300);
    await this.#print('\r\n');
  }

  #spawn(
    [file = '', ...args]: readonly string[],
    onOutput: (text: string) => Promise<void>,
    keys: readonly (readonly [number, string])[] = [],
  ): Promise<void> {
    const child = pty.spawn(file, args, {
      cols: COLUMNS,
      rows: this.rows,
      cwd: this.env['HOME'] ?? '/',
      env: { ...this.env },
      name: 'xterm-256color',
    });
    let printing = Promise.resolve();
    child.onData(text => (printing = printing.then(() => onOutput(text))));
    for (const [afterMs, key] of keys) setTimeout(() => child.write(key), afterMs);
    return new Promise((resolve, reject) => {
      child.onExit(({ exitCode }) => {
        if (exitCode === 0) void printing.then(resolve);
        else void printing.then(() => reject(new Error(`${args.join(' ')} ended with ${exitCode}:\n${this.#text()}`)));
      });
    });
  }

  async #print(text: string): Promise<void> {
    await new Promise<void>(resolve => this.#terminal.write(text, resolve));
    this.#take();
  }

  #text(): string {
    return (this.frames.at(-1)?.lines ?? []).map(line => line.map(({ text }) => text).join('')).join('\n');
  }

  #take(): void {
    const lines = Array.from({ length: this.rows }, (_, row) => this.#line(row));
    const last = this.frames.at(-1);
    if (last && JSON.stringify(last.lines) === JSON.stringify(lines)) return;
    if (last?.at === this.#now) this.frames.pop();
    this.frames.push({ at: this.#now, lines });
  }

  get durationMs(): number {
    return this.#now;
  }

  #line(row: number): Line {
    const buffer = this.#terminal.buffer.active;
    const line = buffer.getLine(buffer.viewportY + row);
    const spans: Span[] = [];
    for (let column = 0; column < COLUMNS; column += 1) {
      const cell = line?.getCell(column);
      if (!cell || cell.getWidth() === 0) continue;
      const color = cell.isFgPalette() ? cell.getFgColor() : undefined;
      const look = { ...(color !== undefined && { color }), bold: cell.isBold() > 0, dim: cell.isDim() > 0 };
      const text = cell.getChars() || ' ';
      const last = spans.at(-1);
      if (last && last.color === color && last.bold === look.bold && last.dim === look.dim)
        spans[spans.length - 1] = { ...last, text: last.text + text };
      else spans.push({ text, ...look });
    }
    const tail = spans.at(-1);
    if (tail) spans[spans.length - 1] = { ...tail, text: tail.text.trimEnd() };
    return spans.filter(({ text }) => text !== '');
  }
}
