import type { KernelInfo } from '../../../sdk/contract/rpc.ts';
import type { Notice } from '../../../sdk/contract/session.ts';
import { oneLine } from './width.ts';

/** What a kernel keeps alive, and by which configuration. */
export const describeKernel = ({ sessions, pid, configFile }: KernelInfo): string =>
  [
    `Keepalive keeps ${sessions === 1 ? '1 session' : `${sessions} sessions`} alive (process ${pid}).`,
    configFile === null
      ? 'There is no configuration file, so every tool found here is kept alive.'
      : `The configuration is ${configFile}.`,
  ].join(' ');

/** A notice on one line, with what the user can do unless the text has that already. */
export function describeNotice({ title, body, action }: Notice): string {
  const text = [title, body].filter(Boolean).join(': ');
  return oneLine(action && !text.includes(action) ? `${text} ${action}` : text);
}
