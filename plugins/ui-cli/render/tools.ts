import { homedir } from 'node:os';
import { sep } from 'node:path';
import type { KeepaliveClient } from '../../../sdk/client/client.ts';
import type { Tool } from '../../../sdk/contract/rpc.ts';
import { describeExpiry } from '../../../sdk/wording/expiry.ts';
import { describeTool, shortAction } from '../../../sdk/wording/tool.ts';
import type { Style, View } from './view.ts';
import { displayWidth, oneLine, padEnd, wrap } from './width.ts';

const SYMBOLS: Readonly<Record<Tool['status'], { readonly symbol: string; readonly style: Style }>> = {
  kept: { symbol: '✓', style: 'green' },
  'not-kept': { symbol: '▲', style: 'yellow' },
  unreadable: { symbol: '▲', style: 'yellow' },
  'signed-out': { symbol: '○', style: 'yellow' },
  missing: { symbol: '·', style: 'dim' },
};

/** The tools that are there come first, then those that need the user, then the rest. */
const ORDER: readonly Tool['status'][] = ['kept', 'not-kept', 'unreadable', 'signed-out', 'missing'];

/** Names are shortened on no terminal: the longest has 18 letters. */
const NAME = 18;

/** Every known tool. The list is empty if the daemon is of an earlier version, which has none. */
export const toolsOf = (client: KeepaliveClient): Promise<readonly Tool[]> =>
  client.request('tool/list').catch(() => []);

/** What can be kept alive here, and what to type. `full` also says where each login was looked for. */
export function renderTools(tools: readonly Tool[], form: 'short' | 'full', view: View): string {
  const sorted = tools.toSorted((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status));
  const [missing, there] = [sorted.filter(isMissing), sorted.filter(tool => !isMissing(tool))];
  if (tools.length === 0) return '';
  const lines = (form === 'full' ? sorted : there).map(tool => renderTool(tool, form, view));
  return [...lines, ...(form === 'full' ? [] : summaryOf(missing, view)), ...nextStep(tools, view)].join('\n');
}

const isMissing = ({ status }: Tool): boolean => status === 'missing';

function renderTool(tool: Tool, form: 'short' | 'full', view: View): string {
  const { paint, now } = view;
  const { status, displayName, expiresAt } = tool;
  const { symbol, style } = SYMBOLS[status];
  const expiry = status === 'kept' && expiresAt !== undefined ? `, ${describeExpiry(expiresAt, now)}` : '';
  const action = form === 'full' ? tool.action : shortAction(tool);
  const isShown = form === 'full' && status !== 'kept' && tool.places.length > 0;
  const places = isShown ? ` (${status === 'not-kept' ? '' : 'looked in '}${tool.places.map(shorten).join(', ')})` : '';
  const start = `${paint(style, symbol)} ${paint('bold', padEnd(displayName, NAME))}  `;
  return [
    `${start}${beside(`${describeTool(tool)}${expiry}${places}`, view)}`,
    ...(action === undefined ? [] : [`${MARGIN}${paint('cyan', '→')} ${beside(action, view, 2)}`]),
  ].join('\n');
}

const MARGIN = ' '.repeat(NAME + 4);

function beside(text: string, { width }: View, more = 0): string {
  const indent = `${MARGIN}${' '.repeat(more)}`;
  const room = Math.max(20, width - displayWidth(indent));
  return wrap(oneLine(text), room).replaceAll('\n', `\n${indent}`);
}

/** Tools that are not on this machine, in one sentence. */
const summaryOf = (missing: readonly Tool[], { width, paint }: View): readonly string[] =>
  missing.length === 0
    ? []
    : [paint('dim', wrap(`· Not found: ${missing.map(({ displayName }) => displayName).join(', ')}.`, width, '  '))];

/** What comes next if nothing is signed in. */
const nextStep = (tools: readonly Tool[], { width }: View): readonly string[] =>
  tools.some(({ status }) => status === 'kept' || status === 'not-kept')
    ? []
    : ['', wrap('Sign in to one of them. It is then found within seconds, without a restart.', width)];

/** The path with the user's home as `~`. */
function shorten(path: string): string {
  const home = homedir();
  return path.startsWith(`${home}${sep}`) ? `~${path.slice(home.length)}` : path;
}
