import type { Finding } from '../../sdk/contract/rpc.ts';

/** What a check found, in the order of the report. */
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
