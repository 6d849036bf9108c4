import type { Readable } from 'node:stream';

/** A program may print without end. No more than this is kept. */
export const OUTPUT_LIMIT = 1024 * 1024;

/** What a program prints: line by line during a conversation, and the beginning of all output once it has ended. */
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
      // The stream was closed because the program ended. The output until then counts.
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
