import type { Readable } from 'node:stream';

/** A vendor's program may print without end; nobody reads more than this of it. */
export const OUTPUT_LIMIT = 1024 * 1024;

/** What a program prints: line by line for whoever talks to it, and the beginning of it all once it has ended. */
export function captureOutput(stream: Readable): { readonly lines: AsyncIterable<string>; drain(): Promise<string> } {
  stream.setEncoding('utf8');
  stream.pause();
  let kept = '';

  async function* read(): AsyncGenerator<string, void> {
    let rest = '';
    try {
      for await (const chunk of stream) {
        kept += String(chunk).slice(0, OUTPUT_LIMIT - kept.length);
        const lines = `${rest}${chunk}`.split(/\r?\n/);
        rest = (lines.pop() ?? '').slice(0, OUTPUT_LIMIT);
        yield* lines;
      }
    } catch {
      // Closed under us because the program has gone: what it said until then counts.
    }
    if (rest) yield rest;
  }

  const reading = read();
  return {
    // No `return`: leaving one loop over the lines must not end the next.
    lines: { [Symbol.asyncIterator]: () => ({ next: () => reading.next() }) },
    async drain() {
      while (!(await reading.next()).done);
      return kept;
    },
  };
}
