/** What every command takes. */
export const GLOBAL_OPTIONS: readonly { readonly flags: string; readonly about: string }[] = [
  { flags: '--json', about: 'print one JSON document, and nothing else' },
  { flags: '--home <dir>', about: 'keep everything of this instance in one folder (or KEEPALIVE_HOME)' },
  { flags: '--config <file>', about: 'the configuration file to use' },
  { flags: '--no-color', about: 'print without colours (or NO_COLOR)' },
];
