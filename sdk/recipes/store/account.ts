import { printable } from '../../base/printable.ts';

const DOMAIN = /^[\p{L}\p{N}][\p{L}\p{N}.-]{0,62}$/u;
const PLAN = /^[\p{L}\p{N}][\p{L}\p{N} _-]{0,29}$/u;

/**
 * The account of a login for display: `m…@example.com, Max`. Of an e-mail address only the first letter and the domain
 * are shown, of another name only the first letter. Undefined without both.
 */
export function maskAccount(name: unknown, plan?: unknown): string | undefined {
  const parts = [maskName(name), planIn(plan)].filter(part => part !== undefined);
  return parts.length > 0 ? parts.join(', ') : undefined;
}

function maskName(name: unknown): string | undefined {
  const text = typeof name === 'string' ? printable(name).trim() : '';
  const at = text.lastIndexOf('@');
  const [first] = at === 0 ? [] : text;
  if (first === undefined) return undefined;
  const domain = at < 0 ? '' : text.slice(at + 1);
  return DOMAIN.test(domain) ? `${first}…@${domain}` : `${first}…`;
}

function planIn(plan: unknown): string | undefined {
  if (typeof plan !== 'string' || !PLAN.test(plan)) return undefined;
  const words = plan.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
