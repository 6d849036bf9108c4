import type { Finding } from '../../sdk/contract/rpc.ts';

/** A check returns what it found, in the order in which the user reads it. */
export type Findings = readonly Finding[];

const finding =
  (level: Finding['level']) =>
  (subject: string, message: string, action?: string): Finding => ({
    level,
    subject,
    message,
    ...(action !== undefined && { action }),
  });

export const ok = finding('ok');
export const info = finding('info');
export const warning = finding('warning');
export const error = finding('error');
