import { basename } from 'node:path';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

/**
 * Prints all annotations at the end, in the order of docs/reliability.md, with the file, result and duration of the
 * test.
 */
export default class Measured implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const rows = modules.flatMap(module =>
      [...module.children.allTests()].flatMap(test => rowsOf(basename(module.moduleId, '.test.ts'), test)),
    );
    const width = Math.max(0, ...rows.map(({ file }) => file.length));
    const lines = rows
      .toSorted((a, b) => a.file.localeCompare(b.file))
      .map(
        ({ file, result, seconds, text }) =>
          ` ${file.padEnd(width)}  ${result.padEnd(7)} ${seconds.toFixed(1).padStart(6)} s  ${text}`,
      );
    if (lines.length) process.stdout.write(`\n Measured\n${lines.join('\n')}\n\n`);
  }
}

const rowsOf = (file: string, test: TestCase) =>
  test.annotations().map(({ message }) => ({
    file,
    result: test.result().state,
    seconds: (test.diagnostic()?.duration ?? 0) / 1_000,
    text: message,
  }));
