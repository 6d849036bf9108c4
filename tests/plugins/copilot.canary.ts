import type { Canary } from '../support/canary/canary-world.ts';

const canary: Canary = ({ email }) => [
  {
    id: 'copilot',
    entry: 'copilot',
    outcome: 'fresh',
    files: {
      '.copilot/config.json': JSON.stringify({
        logged_in_users: [{ login: email }],
        last_logged_in_user: { host: 'https://github.com', login: email },
        copilot_tokens: { 'https://github.com': 'gho_CANARY0copilot' },
      }),
    },
  },
  {
    id: 'copilot-gh',
    entry: ['copilot', { id: 'copilot-gh', home: '~/.copilot-2' }],
    outcome: 'fresh',
    files: { '.copilot-2/config.json': '{}', '.config/gh/hosts.yml': 'github.com:\n  oauth_token: gho_CANARY0gh\n' },
  },
];
export default canary;
