import type { Figure, Plot } from '../benchmark.ts';
import type { Machine } from './machine.ts';
import { describeGoal, inUnit, isReached, rounded, ratioTo } from './ratio.ts';

/** The results of one benchmark, as they are kept in the repository. */
export type Results = {
  readonly machine: Machine;
  readonly figures: readonly Figure[];
  /** Each is an SVG beside the results. */
  readonly plots?: readonly Pick<Plot, 'name' | 'title'>[];
};

/** The titles of the sections here and in docs/performance.md, in the order of both. */
export const TITLES: Readonly<Record<string, string>> = {
  states: 'State files',
  sessions: 'Many sessions',
  alarms: 'Alarms',
  idle: 'An idle daemon',
  attempts: 'Attempts',
  terminal: 'The live table',
  rpc: 'The API',
  metrics: 'Metrics',
  fleet: 'The database of a fleet',
  start: 'Start and commands',
  gate: 'The gate before a job',
  memory: 'Memory',
  redeem: 'Renewing a token ourselves',
  isolation: 'Plugin processes',
};

const HEAD = `# Results

The last results of \`npm run bench\`, which writes this page. [Performance](../../docs/performance.md) says what is
measured and how, and what was found. Compare ratios. Times of another machine, or of another day, say little.
`;

/** The page that shows all kept results, as Markdown. */
export function renderReadme(all: Readonly<Record<string, Results>>): string {
  const known = Object.keys(TITLES).filter(name => Object.hasOwn(all, name));
  const others = Object.keys(all).filter(name => !known.includes(name));
  const sections = [...known, ...others].flatMap(name => (all[name] ? [sectionOf(name, all[name])] : []));
  return [HEAD, ...sections].join('\n');
}

function sectionOf(name: string, { machine, figures, plots = [] }: Results): string {
  const notes = figures.filter(({ note }) => note !== undefined).map(({ what, note }) => `- ${what}: ${note}`);
  return [
    `## ${TITLES[name] ?? name}`,
    `\`npm run bench -- ${name}\`, ${describeMachine(machine, figures)}`,
    tableOf(figures),
    ...(notes.length > 0 ? [notes.join('\n')] : []),
    ...plots.map(plot => `![${plot.title}](${plot.name}.svg)`),
    '',
  ].join('\n\n');
}

/** With the versions of the libraries that are named beside the figures. */
function describeMachine(machine: Machine, figures: readonly Figure[]): string {
  const { date, node, system, processor, memoryGiB, peers } = machine;
  const words = new Set(figures.flatMap(({ beside = {} }) => Object.keys(beside).join(' ').toLowerCase().split(' ')));
  const used = Object.entries(peers).filter(([peer]) => words.has(peer));
  const versions = used.map(([peer, version]) => `, ${peer} ${version}`).join('');
  return `${date}: ${processor}, ${memoryGiB} GiB, ${system}, Node ${node}${versions}.`;
}

function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map(figure => [
    figure.what,
    inUnit(figure.value, figure.unit),
    besideOf(figure, peer => `${peer} ${inUnit(figure.beside?.[peer] ?? NaN, figure.unit)}`),
    besideOf(figure, peer => describeRatio(ratioTo(figure, peer))),
    figure.goal ? describeGoal(figure.goal, figure.unit) : '',
    { true: 'yes', false: '**no**', undefined: '' }[String(isReached(figure))] ?? '',
  ]);
  const lines = [['what', 'value', 'beside', 'ratio', 'goal', 'reached'], RULE, ...rows];
  return lines.map(cells => `| ${cells.map(escaped).join(' | ')} |`).join('\n');
}

const RULE = ['---', '--:', '---', '--:', '---', '---'];

/** One line in the cell for each peer. */
const besideOf = ({ beside = {} }: Figure, describe: (peer: string) => string): string =>
  Object.keys(beside).map(describe).join('<br>');

const describeRatio = (ratio: number): string => (Number.isFinite(ratio) ? rounded(ratio) : '–');

const escaped = (cell: string): string => cell.replaceAll('|', '\\|');
