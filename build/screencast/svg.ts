import { COLUMNS, type Frame, type Line } from './terminal.ts';

const [CELL_WIDTH, LINE_HEIGHT, FONT_SIZE, MARGIN, BAR] = [8.4, 19, 14, 16, 30];
const COLORS = ['#484f58', '#ff7b72', '#3fb950', '#d29922', '#58a6ff', '#bc8cff', '#39c5cf', '#b1bac4'];
const [PAPER, INK] = ['#0d1117', '#e6edf3'];
const WIDTH = COLUMNS * CELL_WIDTH + 2 * MARGIN;

/**
 * Frames as one animated SVG: they lie one below the other, and a window moves over them. Loops. The window is as high
 * as the frames need.
 */
export function toSvg(frames: readonly Frame[], durationMs: number, title: string): string {
  const rows = Math.max(...frames.map(({ lines }) => lines.findLastIndex(line => drawLine(line) !== '') + 1));
  const height = rows * LINE_HEIGHT + 2 * MARGIN + BAR;
  const symbols = new Map<string, string>();
  const film = frames.map((frame, index) => {
    const uses = frame.lines.flatMap((line, row) => {
      const drawn = drawLine(line);
      if (drawn === '') return [];
      if (!symbols.has(drawn)) symbols.set(drawn, `l${symbols.size}`);
      return [`<use href="#${symbols.get(drawn)}" y="${row * LINE_HEIGHT + FONT_SIZE}"/>`];
    });
    return `<g transform="translate(0 ${index * height})">${uses.join('')}</g>`;
  });
  const steps = frames.map(
    ({ at }, index) => `${((at / durationMs) * 100).toFixed(3)}%{transform:translateY(-${index * height}px)}`,
  );
  const defs = [...symbols].map(([drawn, id]) => `<g id="${id}">${drawn}</g>`).join('');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<style>@keyframes film{${steps.join('')}}`,
    `.film{animation:film ${durationMs}ms steps(1,end) infinite}`,
    `text{font:${FONT_SIZE}px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:${INK};white-space:pre}`,
    '@media(prefers-reduced-motion:reduce){.film{animation:none;transform:translateY(',
    `-${Math.max(0, frames.length - 1) * height}px)}}</style>`,
    `<defs>${defs}<clipPath id="screen"><rect width="${WIDTH}" height="${rows * LINE_HEIGHT + 4}"/></clipPath></defs>`,
    `<rect width="${WIDTH}" height="${height}" rx="10" fill="${PAPER}"/>`,
    ...['#ff5f57', '#febc2e', '#28c840'].map(
      (fill, index) => `<circle cx="${20 + index * 20}" cy="18" r="6" fill="${fill}"/>`,
    ),
    `<g transform="translate(${MARGIN} ${BAR + MARGIN / 2})" clip-path="url(#screen)"><g class="film">`,
    ...film,
    '</g></g></svg>',
    '',
  ].join('\n');
}

/** Each span at its own column, so that every font keeps the columns of a table. */
function drawLine(line: Line): string {
  let column = 0;
  return line
    .map(({ text, color, bold, dim }) => {
      const x = column * CELL_WIDTH;
      const width = [...text].length;
      column += width;
      if (text.trim() === '') return '';
      const fill = color === undefined ? '' : ` style="fill:${COLORS[color % 8]}"`;
      const look = `${bold ? ' font-weight="700"' : ''}${dim ? ' opacity=".6"' : ''}`;
      const length = ` textLength="${round(width * CELL_WIDTH)}" lengthAdjust="spacingAndGlyphs"`;
      return `<text x="${round(x)}"${length}${fill}${look}>${escaped(text)}</text>`;
    })
    .join('');
}

const round = (value: number): number => Math.round(value * 10) / 10;

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
