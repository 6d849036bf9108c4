/** A vendor's program whose login a built-in provider keeps. */
export type VendorProgram = {
  /** Its names, without a folder or a suffix such as `.exe`. */
  readonly names: readonly string[];
  /** The environment variables that choose where it keeps its login. None holds a secret. */
  readonly variables: readonly string[];
  /** The file in which it keeps the login without them. Some systems keep it elsewhere. */
  readonly usualStore?: string;
};

/** By the name of the provider. */
export const VENDOR_PROGRAMS: Readonly<Record<string, VendorProgram>> = {
  claude: {
    names: ['claude'],
    variables: ['CLAUDE_CONFIG_DIR', 'CLAUDE_SECURESTORAGE_CONFIG_DIR'],
    usualStore: '~/.claude/.credentials.json',
  },
  codex: { names: ['codex'], variables: ['CODEX_HOME'], usualStore: '~/.codex/auth.json' },
  gemini: { names: ['gemini'], variables: ['GEMINI_CLI_HOME'] },
  augment: { names: ['auggie'], variables: [] },
  cursor: { names: ['cursor-agent'], variables: ['CURSOR_CONFIG_DIR', 'XDG_CONFIG_HOME'] },
  antigravity: { names: ['agy'], variables: [] },
  grok: { names: ['grok'], variables: ['GROK_HOME', 'GROK_AUTH_PATH'], usualStore: '~/.grok/auth.json' },
  copilot: { names: ['copilot'], variables: ['COPILOT_HOME', 'XDG_CONFIG_HOME'] },
  droid: { names: ['droid'], variables: ['FACTORY_HOME_OVERRIDE'] },
  opencode: { names: ['opencode'], variables: ['XDG_DATA_HOME'] },
};

/** The provider that keeps the login of a program. Undefined if none is known. */
export function providerOf(command: string): string | undefined {
  const name = (command.split(/[/\\]/).at(-1) ?? '').replace(/\.(exe|cmd|bat|ps1)$/i, '');
  return Object.keys(VENDOR_PROGRAMS).find(plugin => VENDOR_PROGRAMS[plugin]?.names.includes(name));
}
