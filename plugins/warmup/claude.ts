import type { Driver } from './driver.ts';
export const claude: Driver = {
  costOf: () => ({ command: ['claude'], tokens: '', terms: '' }),
  send: async () => ({ result: 'failed', reason: 'not built' }),
};
