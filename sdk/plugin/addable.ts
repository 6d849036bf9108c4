import { nearest } from '../base/nearest.ts';

/**
 * How an option is written as text. `path`: a file or folder; `list`: values with commas between them; `command`: a
 * program and its arguments; `switch`: true or false.
 */
export type OptionKind = 'text' | 'path' | 'choice' | 'number' | 'switch' | 'list' | 'command';

export type AddableOption = {
  /** Members of members are joined by dots: `paths.access`. A name that ends with `.*` stands for any member. */
  readonly name: string;
  readonly kind: OptionKind;
  /** What it is, in plain words. */
  readonly about: string;
  readonly required?: true;
  /** Its value is a secret, which must not be on a command line. */
  readonly secret?: true;
  readonly choices?: readonly string[];
};

/** A built-in provider whose sessions can be added without a configuration. */
export type Addable = {
  readonly plugin: string;
  /** What it keeps alive, in plain words. */
  readonly about: string;
  readonly options: readonly AddableOption[];
};

const NAME: AddableOption = { name: 'displayName', kind: 'text', about: 'the name to show' };

const homeOf = (about: string): AddableOption => ({ name: 'home', kind: 'path', about });

const methodOf = (...choices: readonly string[]): AddableOption => ({
  name: 'method',
  kind: 'choice',
  choices: ['auto', ...choices],
  about: 'how it is kept alive [auto]',
});

const programOf = (name: string): AddableOption => ({
  name: 'program',
  kind: 'text',
  about: `the ${name} program: a name on the PATH, or a path`,
});

const HEADERS: AddableOption = {
  name: 'headers.*',
  kind: 'text',
  about: 'a header to send, e.g. headers.x-api-key=@FILE',
  secret: true,
};

const OAUTH: readonly AddableOption[] = [
  NAME,
  { name: 'file', kind: 'path', about: 'the JSON file with the tokens', required: true },
  { name: 'tokenEndpoint', kind: 'text', about: 'the address that renews them (https)', required: true },
  { name: 'clientId', kind: 'text', about: 'the id of the OAuth client', required: true },
  { name: 'clientSecret', kind: 'text', about: 'its secret, if it has one', secret: true },
  { name: 'paths.access', kind: 'text', about: 'where the access token is in the file', required: true },
  { name: 'paths.refresh', kind: 'text', about: 'where the refresh token is', required: true },
  { name: 'paths.expiresAt', kind: 'text', about: 'where the expiry is, if the file has it' },
  { name: 'scope', kind: 'text', about: 'the scope to ask for' },
  { name: 'body', kind: 'choice', choices: ['form', 'json'], about: 'how the request is written [form]' },
  HEADERS,
  { name: 'permanentCodes', kind: 'list', about: "the vendor's own error codes for a login that has ended" },
];

const COOKIES: readonly AddableOption[] = [
  NAME,
  { name: 'jar', kind: 'path', about: 'the cookie file; or else jar.browser', required: true },
  { name: 'jar.browser', kind: 'text', about: 'the browser that is signed in: firefox, chrome, …' },
  { name: 'jar.profile', kind: 'text', about: "the browser's profile" },
  { name: 'ping', kind: 'list', about: 'the page that only a signed-in user gets (https)', required: true },
  { name: 'alive.json', kind: 'list', about: 'a value in its answer that proves the session, e.g. user.id' },
  { name: 'alive.status', kind: 'number', about: 'the HTTP status that proves it [200]' },
  HEADERS,
  { name: 'sessionCookies', kind: 'list', about: 'the names of the cookies that carry the session' },
  { name: 'loginHint', kind: 'text', about: 'how you sign in again, as a sentence' },
];

const COMMAND: readonly AddableOption[] = [
  NAME,
  { name: 'run', kind: 'command', about: 'the command that renews the login', required: true },
  { name: 'store', kind: 'path', about: 'the file in which that program keeps it' },
  { name: 'expiresAt', kind: 'text', about: 'where the expiry is in that file, e.g. json:token.expiry' },
  { name: 'status', kind: 'command', about: 'a command that ends with 0 if the session is alive' },
  { name: 'always', kind: 'switch', about: 'run the command at every check, even if nothing is due [false]' },
];

const DEADLINE: readonly AddableOption[] = [
  NAME,
  { name: 'expiresAt', kind: 'text', about: 'when it ends: 2027-03-01, or 2027-03-01T09:00:00Z', required: true },
  { name: 'renew', kind: 'text', about: 'the command that makes another one' },
  { name: 'warn', kind: 'list', about: 'how long before the end to warn, e.g. 30d,7d [7d,3d,1d]' },
];

const AUGMENT: readonly AddableOption[] = [
  { name: 'browser', kind: 'text', about: 'the browser that is signed in: firefox, chrome, …' },
  { name: 'browser.browser', kind: 'text', about: 'the same, together with browser.profile' },
  { name: 'browser.profile', kind: 'text', about: "the browser's profile" },
  { name: 'jar', kind: 'path', about: 'or a file with the cookies of app.augmentcode.com' },
  { name: 'auggie', kind: 'switch', about: 'or true: the login of auggie' },
  { name: 'auggie.home', kind: 'path', about: "or auggie's folder" },
  methodOf('observe'),
];

const TOUCH: AddableOption = {
  name: 'touch',
  kind: 'choice',
  choices: ['mcp', 'status'],
  about: 'how claude is started to renew its login [mcp]',
};

/** The built-in providers whose sessions a user can add in a frontend. Every one also has the option `id`. */
export const ADDABLE: readonly Addable[] = [
  {
    plugin: 'claude',
    about: 'Claude Code, signed in with claude.ai',
    options: [
      homeOf("claude's folder [~/.claude]"),
      methodOf('touch', 'redeem', 'observe'),
      TOUCH,
      programOf('claude'),
    ],
  },
  {
    plugin: 'codex',
    about: "OpenAI's Codex, signed in with ChatGPT",
    options: [homeOf("codex's folder [~/.codex]"), methodOf('touch', 'redeem', 'observe'), programOf('codex')],
  },
  {
    plugin: 'gemini',
    about: "Google's Gemini CLI",
    options: [homeOf('the folder that holds .gemini [~]'), methodOf('touch', 'observe'), programOf('gemini')],
  },
  { plugin: 'augment', about: "Augment: a web session, or auggie's login", options: AUGMENT },
  {
    plugin: 'cursor',
    about: 'the Cursor CLI',
    options: [
      homeOf('the folder of auth.json [~/.config/cursor]'),
      methodOf('touch', 'observe'),
      programOf('cursor-agent'),
    ],
  },
  {
    plugin: 'antigravity',
    about: "Google's Antigravity",
    options: [homeOf('the folder that holds .gemini [~]'), methodOf('touch', 'observe'), programOf('agy')],
  },
  {
    plugin: 'grok',
    about: "xAI's Grok CLI",
    options: [homeOf("grok's folder [~/.grok]"), methodOf('touch', 'observe'), programOf('grok')],
  },
  {
    plugin: 'copilot',
    about: "GitHub's Copilot CLI",
    options: [homeOf("copilot's folder [~/.copilot]"), methodOf('observe'), programOf('copilot')],
  },
  {
    plugin: 'droid',
    about: "Factory's Droid",
    options: [homeOf('the folder that holds .factory [~]'), methodOf('touch', 'observe'), programOf('droid')],
  },
  {
    plugin: 'opencode',
    about: 'OpenCode',
    options: [
      homeOf('the folder that holds opencode/auth.json [~/.local/share]'),
      methodOf('observe'),
      programOf('opencode'),
    ],
  },
  { plugin: 'oauth', about: 'a JSON file with a refresh token that no other program renews', options: OAUTH },
  { plugin: 'cookies', about: 'a session of a web site', options: COOKIES },
  { plugin: 'command', about: 'what a command of yours renews', options: COMMAND },
  { plugin: 'deadline', about: 'a token or login that nothing can renew: a reminder of its end', options: DEADLINE },
];

/** The warm-up, which keeps nothing alive. It is added with `warmup/add`. Its option `id` is required. */
export const WARM_UP: Addable = {
  plugin: 'warmup',
  about: 'sends one prompt at a chosen time, so that a usage window begins then',
  options: [
    { name: 'session', kind: 'text', about: 'the session whose account it uses: of claude or codex', required: true },
    { name: 'at', kind: 'list', about: 'times of day, e.g. at=06:00,11:30; or else every' },
    { name: 'every', kind: 'text', about: 'again and again, 15m to 4h; needs perDay, and uses up more quota' },
    { name: 'days', kind: 'list', about: 'only on these days, e.g. days=mon,tue [every day]' },
    { name: 'timezone', kind: 'text', about: "the zone of the times, e.g. Europe/Berlin [the machine's own]" },
    { name: 'skip', kind: 'list', about: 'days off, e.g. skip=2026-12-24,2026-12-25' },
    { name: 'missed', kind: 'text', about: 'if the machine slept: skip, or up to this much later, e.g. 30m [skip]' },
    { name: 'perDay', kind: 'number', about: 'how many prompts a day at most [1]' },
    { name: 'model', kind: 'text', about: "the model [the vendor's smallest]" },
  ],
};

export const addableNames: readonly string[] = ADDABLE.map(({ plugin }) => plugin);

/** Why a plugin cannot be added, with the names of those that can. */
export function notAddable(name: string): string {
  if (name === 'practice') return PRACTICE;
  const close = nearest(name.slice(0, 40), addableNames);
  const hint = close === undefined ? '' : ` Did you mean ${close}?`;
  return `There is no built-in provider "${name}". There are: ${addableNames.join(', ')}.${hint}`;
}

const PRACTICE =
  'The practice session is no login of yours, so it is not added like one: run `keepalive restart --demo`.';
