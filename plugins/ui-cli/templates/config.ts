const KNOWN = ['claude', 'codex', 'augment'];

/** A configuration to start from: what was found on this machine, and the rest as remarks. */
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

  // For every session. \`keepalive config show\` says what is in force, and where it comes from.
  policy: {
    // minInterval: '2m',
    // refreshBefore: '5m',
    // retries: 3,
    // maxFailures: 5,
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
