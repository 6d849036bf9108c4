import type { Tool } from '../../../../sdk/contract/rpc.ts';
import { TOOL_LABELS } from '../../../../sdk/wording/tool.ts';
import { capitalized } from '../../../../sdk/wording/sentence.ts';
import type { Label } from './labels.ts';

type Status = Tool['status'];

const LOOKS: Readonly<Record<Status, Omit<Label, 'text'>>> = {
  kept: { tone: 'good', sign: 'check' },
  'not-kept': { tone: 'warn', sign: 'ring' },
  unreadable: { tone: 'warn', sign: 'triangle' },
  'signed-out': { tone: 'quiet', sign: 'ring' },
  missing: { tone: 'quiet', sign: 'ring' },
};

export const toolLabel = ({ status }: Pick<Tool, 'status'>): Label => ({
  ...LOOKS[status],
  text: capitalized(TOOL_LABELS[status]),
});

/** What the user can do something about first. */
const ORDER: readonly Status[] = ['not-kept', 'unreadable', 'signed-out', 'missing', 'kept'];

export const inOrder = (tools: readonly Tool[]): readonly Tool[] =>
  tools.toSorted((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status));

/** The tools that no session keeps: all that need a list of their own beside the sessions. */
export const otherTools = (tools: readonly Tool[]): readonly Tool[] =>
  inOrder(tools).filter(({ status }) => status !== 'kept');

/** All other tools in one line: `2 signed in, but not kept alive`. */
export function summaryOf(tools: readonly Tool[]): string {
  const found = tools.filter(({ status }) => status === 'not-kept').length;
  return found === 0 ? 'Other tools' : `Other tools: ${found} signed in, but not kept alive`;
}
