import { FAMILIES, type Family, type Watched } from './families.ts';

export type Format = 'text' | 'openmetrics';

/**
 * The series of all sessions as text. The lines of a session are made when it changes: prom-client makes all lines at
 * each scrape, which with a thousand sessions stops the daemon for tens of milliseconds.
 */
export class SessionSeries {
  /** By session, the lines of each family. */
  readonly #lines = new Map<string, readonly string[]>();

  put(watched: Watched): void {
    const lines = FAMILIES.map(family => linesOf(family, watched));
    this.#lines.set(watched.session.id, lines);
  }

  delete(id: string): void {
    this.#lines.delete(id);
  }

  /** In many parts, so that the whole text is made at once. */
  parts(format: Format): string[] {
    const all = [...this.#lines.values()];
    return FAMILIES.flatMap((family, index) => [headOf(family, format), ...all.map(lines => lines[index] ?? '')]);
  }
}

/** In OpenMetrics a counter has the suffix `_total` in its samples only. */
function headOf({ name, help, type }: Family, format: Format): string {
  const named = format === 'openmetrics' && type === 'counter' ? name.replace(/_total$/, '') : name;
  return `# HELP ${named} ${help}\n# TYPE ${named} ${type}\n`;
}

/** Joined, not added: V8 would put off the work until the scrape. */
function linesOf({ name, of }: Family, watched: Watched): string {
  const session = `session="${escaped(watched.session.id)}"`;
  const lines = of(watched).map(([value, labels = {}]) => {
    const others = Object.entries(labels).map(([label, said]) => `${label}="${escaped(said)}"`);
    return [name, '{', [session, ...others].join(), '} ', value, '\n'].join('');
  });
  return lines.join('');
}

const escaped = (value: string): string =>
  value.replaceAll(/["\\\n]/g, character => (character === '\n' ? '\\n' : `\\${character}`));
