import { DEFAULT_POLICY } from '../../../sdk/contract/policy.ts';

const KNOWN = ['claude', 'codex', 'augment'];

/** Every member of a policy with its default, as comments. */
const defaults = Object.entries(DEFAULT_POLICY)
  .map(([name, value]) => `    // ${name}: ${literal(value)},`)
  .join('\n');

/** A configuration to start from: the providers found on this machine, and everything else as comments. */
export function configTemplate(found: readonly string[]): string {
  const entry = (name: string) => (found.includes(name) ? `    '${name}',` : `    // '${name}',`);
  return `import { defineConfig } from 'session-keepalive/sdk';

export default defineConfig({
  // What is kept alive: a name, or [name, options]; a file beside this one; a package from npm.
  plugins: [
${[...new Set([...found, ...KNOWN])].map(entry).join('\n')}
    // ['claude', { id: 'claude-work', home: '~/.claude-work' }],
    // ['./my-provider.ts', { region: 'eu' }],
    // 'keepalive-plugin-acme',

    // The settings page: \`keepalive ui\` opens it.
    'ui-web',
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
}

/** A JSON value as TypeScript. */
function literal(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value !== 'object' || value === null) return String(value);
  const members = Object.entries(value).map(([name, member]) => `${name}: ${literal(member)}`);
  return `{ ${members.join(', ')} }`;
}
