import type { Finding } from '../../../sdk/contract/rpc.ts';
import type { Style, View } from './view.ts';
import { displayWidth, oneLine, padEnd, wrap } from './width.ts';

const LEVELS: Readonly<Record<Finding['level'], { readonly symbol: string; readonly style: Style }>> = {
  ok: { symbol: '✓', style: 'green' },
  info: { symbol: '·', style: 'dim' },
  warning: { symbol: '▲', style: 'yellow' },
  error: { symbol: '✗', style: 'red' },
};

/** The findings of doctor, each with what to do about it beneath. */
export function renderFindings(findings: readonly Finding[], view: View): string {
  const widest = Math.min(20, Math.max(0, ...findings.map(({ subject }) => displayWidth(subject))));
  return findings.map(finding => renderFinding(finding, widest, view)).join('\n');
}

function renderFinding({ level, subject, message, action }: Finding, widest: number, { width, paint }: View): string {
  const { symbol, style } = LEVELS[level];
  const margin = ' '.repeat(widest + 4);
  const beside = (text: string) =>
    wrap(oneLine(text), Math.max(20, width - margin.length)).replaceAll('\n', `\n${margin}`);
  return [
    `${paint(style, symbol)} ${paint('bold', padEnd(subject, widest))}  ${beside(message)}`,
    ...(action ? [`${margin}${paint('cyan', '→')} ${beside(action).replaceAll('\n', '\n  ')}`] : []),
  ].join('\n');
}
