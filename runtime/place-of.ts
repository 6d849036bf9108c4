import { dirname, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The line is right, but not the column: what compiles the code adds to a line, and keeps the lines. */
const FRAME = /(?:^|[\s(])((?:file:\/\/|\/|[A-Za-z]:[\\/])[^()\n]*?):(\d+):\d+\)?$/;

/** Where a plugin's own code threw: `/plugins/acme/index.js:3`. Undefined if the error does not say. */
export function placeOf(error: unknown, file: string): string | undefined {
  const lines = error instanceof Error ? `${error.message}\n${error.stack ?? ''}`.split('\n') : [];
  const folder = `${dirname(file)}${sep}`;
  for (const line of lines) {
    const [, at = '', row] = FRAME.exec(line) ?? [];
    const path = at.startsWith('file:') ? pathOf(at) : at;
    if (path?.startsWith(folder)) return `${path}:${row}`;
  }
  return undefined;
}

function pathOf(url: string): string | undefined {
  try {
    return fileURLToPath(url);
  } catch {
    return undefined; // It only looks like an address.
  }
}
