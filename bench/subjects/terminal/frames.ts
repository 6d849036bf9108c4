/** The cursor goes up over the last frame, and what is there is erased. */
const REDRAW = /\[\d+A\r.\[J/;

/** Counts what a live view draws. */
export class Frames {
  #count = 0;
  #lines = 0;

  add(text: string): void {
    this.#count += text.split(REDRAW).length - 1;
    this.#lines += text.split('\n').length - 1;
  }

  /** What was drawn since the last call. */
  take(): { readonly count: number; readonly lines: number } {
    const taken = { count: this.#count, lines: this.#lines };
    [this.#count, this.#lines] = [0, 0];
    return taken;
  }
}
