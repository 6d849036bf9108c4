import type { Driver } from './driver.ts';
export const codex: Driver = {
  costOf: () => ({ command: ['codex'], tokens: '', terms: '' }),
  send: async () => ({ result: 'failed', reason: 'not built' }),
};
