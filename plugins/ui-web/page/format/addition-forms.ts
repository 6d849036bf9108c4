import type { Addition, Tool } from '../../../../sdk/contract/rpc.ts';

export type AdditionField = {
  /** The option: `home`, `paths.access`. */
  readonly key: string;
  readonly label: string;
  readonly hint: string;
  readonly example: string;
  readonly optional?: true;
};

/** What a user fills in to add a session of a provider. */
export type AdditionForm = {
  readonly plugin: string;
  readonly label: string;
  readonly fields: readonly AdditionField[];
  /** The daemon lets no page add it: the form makes a command for a terminal. */
  readonly inTerminal?: true;
};

export type Texts = Readonly<Record<string, string>>;

const ID: AdditionField = {
  key: 'id',
  label: 'Id',
  hint: 'A short name in lower-case letters, digits and dashes.',
  example: 'acme',
};
const NAME: AdditionField = {
  key: 'displayName',
  label: 'Name',
  hint: 'As it is shown here.',
  example: 'Acme',
  optional: true,
};

/** A second account of a tool lives in its own folder. */
const account = (plugin: string, displayName: string, folder: string): AdditionForm => ({
  plugin,
  label: `${displayName}, another account`,
  fields: [
    { ...ID, example: `${plugin}-work` },
    {
      key: 'home',
      label: 'Folder',
      hint: `The folder that holds the login of this account, as ${folder} does for the usual one.`,
      example: `${folder}-work`,
    },
  ],
});

const OAUTH: AdditionForm = {
  plugin: 'oauth',
  label: 'An OAuth token file',
  inTerminal: true,
  fields: [
    ID,
    NAME,
    { key: 'file', label: 'Token file', hint: 'A JSON file with the tokens.', example: '~/.acme/token.json' },
    {
      key: 'tokenEndpoint',
      label: 'Token endpoint',
      hint: 'Where the vendor renews tokens.',
      example: 'https://…/oauth/token',
    },
    { key: 'clientId', label: 'Client id', hint: 'As the program that made the file uses it.', example: 'acme-cli' },
    { key: 'paths.access', label: 'Access token', hint: 'Its key in the file.', example: 'access_token' },
    { key: 'paths.refresh', label: 'Refresh token', hint: 'Its key in the file.', example: 'refresh_token' },
    {
      key: 'paths.expiresAt',
      label: 'Expiry',
      hint: 'Its key in the file, if it has one.',
      example: 'expires_at',
      optional: true,
    },
  ],
};

const COOKIES: AdditionForm = {
  plugin: 'cookies',
  label: 'A web site, by its cookies',
  inTerminal: true,
  fields: [
    ID,
    NAME,
    {
      key: 'jar',
      label: 'Cookie file',
      hint: 'A cookies.txt, or a tough-cookie file.',
      example: '~/.acme/cookies.txt',
    },
    {
      key: 'ping',
      label: 'Page',
      hint: 'A page that only a signed-in user gets.',
      example: 'https://…/api/session',
    },
    {
      key: 'alive.json',
      label: 'Proof',
      hint: 'A key in the JSON of that page that proves the session.',
      example: 'user',
      optional: true,
    },
  ],
};

const COMMAND: AdditionForm = {
  plugin: 'command',
  label: 'A command that renews its own login',
  inTerminal: true,
  fields: [
    ID,
    NAME,
    {
      key: 'run',
      label: 'Command',
      hint: 'The program and its arguments. No shell runs it.',
      example: 'acme auth touch',
    },
    {
      key: 'store',
      label: 'Login file',
      hint: 'The file in which the program keeps its login.',
      example: '~/.acme/auth.json',
      optional: true,
    },
    {
      key: 'expiresAt',
      label: 'Expiry',
      hint: 'Where the expiry is in that file.',
      example: 'json:expiry',
      optional: true,
    },
  ],
};

/** The tools whose second account can be added: those with a login in a folder. */
const HOMES: Readonly<Record<string, string>> = { claude: '~/.claude', codex: '~/.codex' };

/** Everything that can be added: second accounts of known tools first. */
export const formsFor = (tools: readonly Pick<Tool, 'plugin' | 'displayName'>[]): readonly AdditionForm[] => [
  ...Object.entries(HOMES).map(([plugin, folder]) =>
    account(plugin, tools.find(tool => tool.plugin === plugin)?.displayName ?? plugin, folder),
  ),
  OAUTH,
  COOKIES,
  COMMAND,
];

/** The fields that have to be filled in and are not. */
export const missingIn = ({ fields }: AdditionForm, texts: Texts): readonly string[] =>
  fields.filter(({ key, optional }) => !optional && !texts[key]?.trim()).map(({ key }) => key);

/** What `session/add` takes. Empty fields are left out. */
export const additionOf = ({ plugin, fields }: AdditionForm, texts: Texts): Addition => ({
  plugin,
  options: Object.fromEntries(filledIn(fields, texts)),
});

/** The command that adds the session. */
export const commandOf = ({ plugin, fields }: AdditionForm, texts: Texts): string =>
  ['keepalive add', plugin, ...filledIn(fields, texts).map(([key, text]) => wordFor(key, text))].join(' ');

const filledIn = (fields: readonly AdditionField[], texts: Texts): readonly (readonly [string, string])[] =>
  fields.flatMap(({ key }) => {
    const text = texts[key]?.trim();
    return text ? [[key, text]] : [];
  });

/** As a shell takes it. A command with quotation marks is written as a list, whose words may have spaces. */
function wordFor(key: string, text: string): string {
  const value = key === 'run' && /["']/.test(text) ? JSON.stringify(wordsOf(text)) : text;
  return key === 'id' ? `--id ${quoted(value)}` : quoted(`${key}=${value}`);
}

const quoted = (word: string): string =>
  /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;

/** The words of a command line. Quotation marks keep spaces. */
function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? '',
  );
}
