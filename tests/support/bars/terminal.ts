import pty from '@lydell/node-pty';
import { Terminal } from '@xterm/headless';
import { vi } from 'vitest';
import { onTestFinished } from '../running-test.ts';

type Size = { readonly columns: number; readonly rows: number };
const SMALL: Size = { columns: 80, rows: 10 };

/** The colours of a cell, as numbers of the palette; undefined: the terminal's own. */
export type Look = { readonly front: number | undefined; readonly back: number | undefined };

/** A program in a terminal. Both end with the test. */
export class TestTerminal {
  /** Resolves with the program's exit code as a shell reports it: 128 and its number for a signal. */
  readonly ended: Promise<number>;
  readonly #screen: Terminal;
  readonly #program: pty.IPty;

  constructor(file: string, args: readonly string[], env: Readonly<Record<string, string>>, size = SMALL) {
    const [cols, rows] = [size.columns, size.rows];
    this.#screen = new Terminal({ cols, rows, allowProposedApi: true });
    this.#program = pty.spawn(file, [...args], { cols, rows, cwd: env['HOME'] ?? '/', env: { ...env } });
    this.#program.onData(text => this.#screen.write(text));
    this.ended = new Promise(resolve =>
      this.#program.onExit(({ exitCode, signal }) => resolve(signal ? 128 + signal : exitCode)),
    );
    onTestFinished(async () => {
      this.#program.kill('SIGKILL');
      await this.ended;
    });
  }

  type(text: string): void {
    this.#program.write(text);
  }

  /** What the screen shows now. */
  lines(): readonly string[] {
    const { active } = this.#screen.buffer;
    return Array.from(
      { length: this.#screen.rows },
      (_, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? '',
    );
  }

  /** Waits until a line contains the text. */
  async see(text: string): Promise<string> {
    return vi.waitUntil(() => this.lines().find(line => line.includes(text)), { timeout: 15_000, interval: 50 });
  }

  /** The colours of the first character of the text. */
  async look(text: string): Promise<Look> {
    await this.see(text);
    const row = this.lines().findIndex(line => line.includes(text));
    const cell = this.#screen.buffer.active
      .getLine(this.#screen.buffer.active.baseY + row)
      ?.getCell(this.lines()[row]?.indexOf(text) ?? 0);
    return {
      front: cell?.isFgPalette() ? cell.getFgColor() : undefined,
      back: cell?.isBgPalette() ? cell.getBgColor() : undefined,
    };
  }
}
