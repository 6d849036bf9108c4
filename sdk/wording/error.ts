import { didYouMean } from '../base/nearest.ts';
import type { ErrorCode, KeepaliveError } from '../contract/errors.ts';
import type { Instant } from '../contract/session.ts';
import { describeMs } from './duration.ts';
import { clause, listed, sentence } from './sentence.ts';
import { relativeAndLocal } from './time.ts';
import { isFull, reasonInWords } from './trouble.ts';

type Facts = {
  /** A detail as text; undefined if there is none. */
  readonly text: (name: string) => string | undefined;
  readonly now: Instant;
  readonly details: Readonly<Record<string, unknown>>;
};

type Ours = Pick<KeepaliveError, 'code' | 'message' | 'details'>;

/** One of our errors as sentences for a person: what happened, and what to do. The details are in the sentences. */
export function describeOurs({ code, message, details }: Ours, now: Instant = Date.now()): string {
  const text = (name: string) => {
    const value = details[name];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  };
  const facts: Facts = { text, details, now };
  const own = SENTENCES[code]?.(facts);
  return [own ?? withReason(message, facts), ...[text('hint')].filter(hint => hint !== undefined).map(sentence)].join(
    ' ',
  );
}

/** The first sentence of the message, what it is about and why, then its other sentences. */
function withReason(message: string, facts: Facts): string {
  const [first = '', ...others] = message.split(/(?<=\.) /);
  return [sentence(`${clause(first)}${aside(facts)}${because(facts.text('reason'))}`), ...others].join(' ');
}

const because = (reason: string | undefined): string => (reason ? `: ${clause(reasonInWords(reason))}` : '');

/** Facts in brackets: whatever identifies what the sentence speaks of. */
function aside({ text }: Facts): string {
  const status = text('status');
  const exitCode = text('exitCode');
  const parts = [
    text('path') ?? text('file') ?? text('program') ?? text('host'),
    status && `HTTP ${[status, text('vendorCode')].filter(Boolean).join(' ')}`,
    text('leadsTo') && `leads to ${text('leadsTo')}`,
    exitCode && `exit code ${exitCode}`,
  ].filter(Boolean);
  return parts.length > 0 ? ` (${parts.join(', ')})` : '';
}

const SENTENCES: { readonly [C in ErrorCode]?: (facts: Facts) => string | undefined } = {
  KA_CONFIG_NOT_FOUND: ({ text }) => text('file') && `There is no configuration file ${text('file')}.`,
  KA_CONFIG_INVALID: ({ text }) => text('file') && `The configuration ${text('file')} is not valid.`,
  KA_PLUGIN_NOT_FOUND: ({ text }) => missingPlugin(text('module'), text('from')),
  KA_PLUGIN_INVALID: ({ text }) =>
    `${pluginOf(text)}${inFile(text)} does not conform to the plugin API${because(text('problem') ?? text('reason'))}.`,
  KA_PLUGIN_DUPLICATE_ID: ({ text }) =>
    text('id') &&
    `Two plugins have the id "${text('id')}"${both(text)}.` +
      (text('hint') ? '' : ' Give one of them another id in its options.'),
  KA_PLUGIN_API: ({ text }) =>
    text('declared') &&
    `${pluginOf(text)}${inFile(text)} was made for version ${text('declared')} of the plugin API, and version ` +
      `${text('supported')} is supported. Install a matching version of the plugin or of Session Keepalive.`,
  KA_PLUGIN_FAILED: ({ text }) =>
    text('call') &&
    `The plugin threw an error${during(text('call'))}${text('at') ? ` (${text('at')})` : ''}` +
      `${because(text('reason'))}.`,
  KA_PLUGIN_TIMEOUT: ({ text, details }) => {
    const { afterMs } = details;
    const span = typeof afterMs === 'number' ? ` within ${describeMs(afterMs, 'long')}` : ' in time';
    if (text('reason') !== undefined) return undefined;
    if (text('call') !== 'load') return `The plugin did not answer${span}.`;
    return (
      `The plugin did not load${span}. Its module or its factory does not return, or waits for something that never ` +
      'happens, or the machine is very busy. It is loaded again later.'
    );
  },
  KA_PROGRAM_NOT_FOUND: ({ text }) =>
    text('program') && `The program ${text('program')} is not installed, or not on the PATH of the daemon.`,
  KA_PROGRAM_FAILED: facts => failedProgram(facts),
  KA_SESSION_NOT_FOUND: facts => unknownSession(facts),
  KA_WARMUP_NOT_FOUND: ({ text }) =>
    text('id') && `There is no warm-up "${text('id')}". \`keepalive warmup\` lists them.`,
  KA_NOTIFIER_NOT_FOUND: ({ text, details }) => unknownNotifier(text('id'), details['known']),
  KA_FLEET_MACHINE_NOT_FOUND: ({ text }) =>
    text('machine') && `There is no machine "${text('machine')}" in the fleet. \`keepalive fleet\` lists them.`,
  KA_FLEET_NOT_ACCEPTED: ({ text }) =>
    text('machine') && `${text('machine')} does not accept this. Its configuration says what it accepts.`,
  KA_FLEET_SILENT: ({ text }) =>
    text('machine') &&
    `${text('machine')} has not been heard from recently, or did not answer in time. Start Keepalive there.`,
  KA_FLEET_UNREACHABLE: ({ text }) =>
    text('reason') && `The fleet is not reached: ${sentence(text('reason') ?? '')} ${text('action') ?? ''}`.trim(),
  KA_FLEET_FAILED: ({ text }) => text('machine') && `${text('machine')} could not do it. Its log says why.`,
  KA_RATE_LIMITED: ({ details: { retryAt }, now }) => {
    const when = typeof retryAt === 'number' ? relativeAndLocal(retryAt, now) : retryAt;
    return when === undefined
      ? undefined
      : `It is too early for another attempt. The next is possible ${String(when)}.`;
  },
  KA_KERNEL_RUNNING: ({ text }) => {
    const who = text('pid') === undefined ? '' : ` (process ${text('pid')})`;
    if (text('reason') !== undefined) return undefined;
    const action = '`keepalive status` shows its sessions, `keepalive stop` stops it.';
    return `A daemon is already running for this home${who}. ${action}`;
  },
  KA_HOME_UNUSABLE: ({ text }) => {
    const path = text('file') ?? text('path') ?? text('home');
    return (
      path &&
      `The home folder cannot be used: ${path}${because(text('reason'))}. ` +
        (isFull(text('reason'))
          ? 'Free some space, and try again.'
          : 'Give a folder that you own and can write, with --home or KEEPALIVE_HOME.')
    );
  },
  KA_HOME_NEWER: ({ text }) =>
    text('file') &&
    `A newer version of Session Keepalive wrote ${text('file')}. Update Session Keepalive, or use another home.`,
  KA_PORT_UNAVAILABLE: ({ text }) =>
    text('port') && `The API cannot listen on port ${text('port')} of 127.0.0.1${because(text('reason'))}.`,
  KA_PAGE_NOT_SERVED: ({ text, details }) => unservedPage(text('page'), details['known']),
  KA_RPC_NO_DAEMON: ({ text }) => {
    const why = text('log') === undefined ? because(text('reason')) : `. Its log is ${text('log')}`;
    return `No daemon answers${why}. Start it with \`keepalive start\`.`;
  },
  KA_RPC_OUTDATED: ({ text }) =>
    text('version') &&
    `The running daemon is an older version (${text('version')}). Replace it with \`keepalive restart\`.`,
  KA_RPC_CONNECTION_LOST: ({ text }) =>
    text('log') && `The connection to the daemon was lost. \`keepalive logs\` may say why: ${text('log')}.`,
  // The problems are listed below it.
  KA_RPC_INVALID_PARAMS: () => 'The daemon does not accept this.',
  KA_SSH_FAILED: ({ text }) => text('host') && `ssh to ${text('host')} failed${because(text('reason'))}.`,
  KA_NOT_RENEWED: ({ text }) =>
    text('program') &&
    `${text('program')} has not renewed its credential for hours. Start it: if it asks you to sign in, do that.`,
  KA_INEFFECTIVE: () => 'The renewal did not extend the credential.',
};

type Text = Facts['text'];

/** A path in the configuration says where the plugin is. The name of a package does not. */
const inFile = (text: Text): string =>
  text('file') === undefined || /^([./~]|[A-Z]:)/i.test(text('module') ?? '.') ? '' : ` (${text('file')})`;

const both = (text: Text): string => (text('first') ? `: ${text('first')} and ${text('second')}` : '');

const pluginOf = (text: Text): string => (text('module') === undefined ? 'The plugin' : `The plugin ${text('module')}`);

const during = (call: string | undefined): string => (call === undefined || call === 'load' ? '' : ` in ${call}()`);

function missingPlugin(module: string | undefined, from: string | undefined): string | undefined {
  if (module === undefined) return undefined;
  const isRelative = module.startsWith('.') && from !== undefined;
  return /^([./~]|[A-Z]:)/i.test(module)
    ? `There is no plugin file ${module}.${isRelative ? ` The path starts at the folder of ${from}.` : ''}`
    : `No plugin "${module}" could be loaded. Check the name, or install the package beside the configuration file.`;
}

function failedProgram(facts: Facts): string | undefined {
  const { text, details } = facts;
  const program = text('program');
  if (program === undefined) return undefined;
  const exitCode = text('exitCode');
  const how = details['timedOut'] === true ? 'did not end in time' : 'failed';
  return `${program} ${how}${exitCode ? ` (exit code ${exitCode})` : ''}${because(text('reason'))}.`;
}

function unknownSession({ text, details: { known, more } }: Facts): string | undefined {
  const id = text('id');
  if (id === undefined) return undefined;
  const ids = textsIn(known);
  const where = text('machine') === undefined ? '' : ` on ${text('machine')}`;
  if (ids === undefined) return `There is no session "${id}"${where}.`;
  const all = typeof more === 'number' ? [...ids, `${more} more`] : ids;
  const others = ids.length > 0 ? `The sessions are ${listed(all)}.` : NO_SESSION;
  const practice = id === 'practice' && where === '' ? ' `keepalive restart --demo` adds the practice session.' : '';
  return `There is no session "${id}"${where}.${didYouMean(id, ids)} ${others}${practice}`;
}

const NO_SESSION = 'No session is kept alive yet: `keepalive add` lists what can be.';

function unknownNotifier(id: string | undefined, known: unknown): string | undefined {
  const ids = textsIn(known);
  if (id === undefined || ids === undefined) return undefined;
  const others = ids.length > 0 ? `The notifiers are ${listed(ids)}.` : 'No notifier is configured.';
  return `There is no notifier "${id}".${didYouMean(id, ids)} ${others}`;
}

function unservedPage(page: string | undefined, known: unknown): string | undefined {
  const ids = textsIn(known);
  if (page === undefined || ids === undefined) return undefined;
  const others = ids.length > 0 ? `Pages are served by ${listed(ids)}.` : 'No frontend serves a page.';
  return `There is no page of a frontend "${page}".${didYouMean(page, ids)} ${others}`;
}

const textsIn = (list: unknown): readonly string[] | undefined =>
  Array.isArray(list) ? list.filter(one => typeof one === 'string') : undefined;
