import type { KeepaliveClient } from '../../../sdk/client/client.ts';
import type { Tool } from '../../../sdk/contract/rpc.ts';
import { findUserHome, withTilde } from '../../../sdk/system/home.ts';
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

type ToolsOptions = {
  /** Only a daemon that runs finds a login by itself. */
  readonly isRunning?: boolean;
  /** Whether sessions are kept alive, be it of other tools. */
  readonly hasSessions?: boolean;
};

/** What can be kept alive here, and what to type. `full` also says where each login was looked for. */
export function renderTools(
  tools: readonly Tool[],
  form: 'short' | 'full',
  view: View,
  { isRunning = true, hasSessions = false }: ToolsOptions = {},
): string {
  if (tools.length === 0) return '';
  const sorted = tools.toSorted((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status));
  const hasLogin = hasSessions || sorted.some(({ status }) => status === 'kept' || status === 'not-kept');
  // Who is signed in somewhere need not read how to sign in elsewhere.
  const isListed = ({ status }: Tool) => (form === 'full' && !hasSessions) || !hasLogin || status !== 'missing';
  const lines = sorted.filter(isListed).map(tool => (form === 'full' ? fullLines : shortLine)(tool, view));
  const others = sorted.filter(tool => !isListed(tool)).map(({ displayName }) => displayName);
  return [
    ...(hasLogin ? [] : [wrap(isRunning ? `${SIGN_IN} ${FOUND}` : SIGN_IN, view.width)]),
    ...lines,
    ...(others.length > 0 ? [view.paint('dim', wrap(`· Not found: ${others.join(', ')}.`, view.width, '  '))] : []),
  ].join('\n');
}

const SIGN_IN = 'Sign in to one of these tools.';
const FOUND = 'It is then found within seconds, without a restart.';

function shortLine(tool: Tool, view: View): string {
  const action = shortAction(tool);
  return `${headOf(tool, view)}${beside(`${summaryOf(tool, view)}${action ? ` → ${action}` : ''}`, view)}`;
}

function fullLines(tool: Tool, view: View): string {
  const { status, places, action } = tool;
  const shown =
    status === 'kept' || places.length === 0 ? '' : places.map(place => withTilde(place, findUserHome())).join(', ');
  const where = shown && ` (${status === 'not-kept' ? '' : 'looked in '}${shown})`;
  return [
    `${headOf(tool, view)}${beside(`${summaryOf(tool, view)}${where}`, view)}`,
    ...(action === undefined ? [] : [`${MARGIN}${view.paint('cyan', '→')} ${beside(action, view, 2)}`]),
  ].join('\n');
}

function headOf({ status, displayName }: Tool, { paint }: View): string {
  const { symbol, style } = SYMBOLS[status];
  return `${paint(style, symbol)} ${paint('bold', padEnd(displayName, NAME))}  `;
}

function summaryOf(tool: Tool, { now }: View): string {
  const { status, expiresAt } = tool;
  const expiry = status === 'kept' && expiresAt !== undefined ? `, ${describeExpiry(expiresAt, now)}` : '';
  return `${describeTool(tool)}${expiry}`;
}

const MARGIN = ' '.repeat(NAME + 4);

function beside(text: string, { width }: View, more = 0): string {
  const indent = `${MARGIN}${' '.repeat(more)}`;
  const room = Math.max(20, width - displayWidth(indent));
  return wrap(oneLine(text), room).replaceAll('\n', `\n${indent}`);
}
