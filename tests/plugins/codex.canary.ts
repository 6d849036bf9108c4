import { DAY, type Canary } from '../support/canary/canary-world.ts';
import { codexLogin } from '../support/vendors/codex-login.ts';

const canary: Canary = ({ vendors: { codex }, real, email, thorough }) => [
  {
    id: 'codex',
    entry: ['codex', real('codex') ? { program: real('codex') } : {}],
    outcome: 'refreshed',
    files: {
      '.codex/auth.json': codex.signIn({ age: 6 * DAY, left: 4 * DAY }).text.replaceAll('you@example.test', email),
      '.codex/config.toml': `chatgpt_base_url = "${codex.url}/backend-api/"\n[analytics]\nenabled = false\n`,
    },
  },
  ...(thorough
    ? [
        {
          id: 'codex-refused',
          entry: ['codex', { id: 'codex-refused', home: '~/.codex-2', method: 'redeem' }],
          outcome: 'login-required',
          files: {
            '.codex-2/auth.json': codexLogin({ issuedAt: Date.now() - 6 * DAY, expiresAt: Date.now() + 4 * DAY }),
          },
        },
      ]
    : []),
];
export default canary;
