import type { Canary } from '../support/canary/canary-world.ts';

const canary: Canary = ({ ended }) => [
  {
    id: 'opencode',
    entry: ['opencode', { home: '~/.opencode-data' }],
    outcome: 'fresh',
    files: {
      '.opencode-data/opencode/auth.json': JSON.stringify({
        openai: {
          type: 'oauth',
          refresh: 'CANARY-opencode-refresh',
          access: 'CANARY-opencode-access',
          expires: ended,
          accountId: 'CANARY-opencode-account',
        },
        anthropic: { type: 'api', key: 'CANARY-opencode-key' },
      }),
    },
  },
];
export default canary;
