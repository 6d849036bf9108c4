import { DEFAULT_POLICY } from '../../../sdk/contract/policy.ts';

/** Every member of a policy with its default, as comments. */
const defaults = Object.entries(DEFAULT_POLICY)
  .map(([name, value]) => `    // ${name}: ${literal(value)},`)
  .join('\n');

/** A configuration to start from. It keeps alive what is kept alive without it, and has everything else as comments. */
export const configTemplate = (): string => `import { defineConfig } from 'session-keepalive/sdk';

export default defineConfig({
  // What is kept alive: a name, or [name, options]; a file beside this one; a package from npm.
  plugins: [
    // Every tool that is found on this machine, also one that you sign in to later.
    'auto',

    // An entry for a tool has precedence. A second account is a second entry with its own id.
    // ['claude', { method: 'observe' }],
    // ['claude', { id: 'claude-work', home: '~/.claude-work' }],
    // ['./my-provider.ts', { region: 'eu' }],
    // 'keepalive-plugin-acme',

    // The settings page, which \`keepalive ui\` opens, is always served. To switch it off:
    // ['ui-web', { serve: false }],
  ],

  // For every session. \`keepalive config show\` prints the values in force, and where each comes from.
  policy: {
${defaults}
  },

  // For one session, by its id.
  sessions: {
    // codex: { schedule: { mode: 'daily', at: '09:00', days: ['mon', 'tue', 'wed', 'thu', 'fri'] } },
    // claude: { schedule: { mode: 'interval', every: '30m' } },
    // augment: { enabled: false },
  },

  // logLevel: 'debug',
});
`;

/** A JSON value as TypeScript. */
function literal(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const members = Object.entries(value).map(([name, member]) => `${name}: ${literal(member)}`);
  return `{ ${members.join(', ')} }`;
}
