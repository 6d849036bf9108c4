import { isRecord } from '../base/json.ts';

/** All error codes and their messages. A message says what to do if that is always the same. */
const MESSAGES = {
  KA_CONFIG_NOT_FOUND: 'There is no such configuration file.',
  KA_CONFIG_INVALID: 'The configuration is not valid.',
  KA_PLUGIN_NOT_FOUND:
    'No module with that name could be loaded. Check the name, or install the package beside the configuration file.',
  KA_PLUGIN_INVALID: 'The plugin does not conform to the plugin API.',
  KA_PLUGIN_DUPLICATE_ID: 'Two plugins have the same id. Give one of them another id in its options.',
  KA_PLUGIN_API: 'The plugin was made for another version of the plugin API.',
  KA_PLUGIN_UNTRUSTED: 'The plugin file was not run: other users can change it, or it is not trusted.',
  KA_PLUGIN_FAILED: 'The plugin threw an error.',
  KA_PLUGIN_TIMEOUT: 'The plugin did not answer in time.',
  KA_PROGRAM_NOT_FOUND: 'The program is not installed, or not on the PATH of the daemon.',
  KA_PROGRAM_FAILED: 'The program failed.',
  KA_MACHINE_EXHAUSTED:
    'The system is out of open files, memory or processes. Close some programs, or raise the limit.',
  KA_NOT_RENEWED:
    'The program has not renewed its credential for hours. Start it yourself: if it asks you to sign in, do that.',
  KA_OFFLINE: 'The vendor could not be reached, or is down.',
  KA_INTERCEPTED: 'Something between you and the vendor answered in its place.',
  KA_UNEXPECTED_ANSWER: 'The vendor answered something unexpected.',
  KA_INEFFECTIVE: 'The renewal did not extend the credential.',
  KA_STORE_UNREADABLE: 'The credential cannot be read.',
  KA_STORE_UNWRITABLE: 'The credential cannot be replaced. Check the permissions and the free space of its folder.',
  KA_JOURNAL_FULL:
    'A plugin has too many notes in the journal, or one that is too large. It must remove those it no longer needs.',
  KA_STORE_LOCKED: 'Another program, or the system, has locked the credential.',
  KA_SESSION_NOT_FOUND: 'There is no session with that id.',
  KA_NOTIFIER_NOT_FOUND: 'There is no notifier with that id.',
  KA_SESSION_NOT_ADDED: 'The session was not added with `keepalive add`, so it cannot be removed like this.',
  KA_LOGIN_RUNNING: 'A sign-in is running for this session. Finish or cancel it first.',
  KA_LOGIN_NOT_FOUND: 'There is no such sign-in, or another client started it.',
  KA_LOGIN_NOT_WAITING: 'The sign-in does not wait for an answer.',
  KA_LOGIN_UNWATCHED: 'A sign-in needs a WebSocket, because its steps come as notifications.',
  KA_LOGIN_UNSUPPORTED: 'Nothing shows when a login of this kind has changed, so keepalive cannot sign in to it.',
  KA_LOGIN_FAILED: 'The sign-in did not succeed.',
  KA_LOGIN_TIMEOUT: 'The sign-in was not finished in time. Start it again.',
  KA_LOGIN_OTHER_ACCOUNT: 'The sign-in was with another account than before.',
  KA_WARMUP_NOT_FOUND: 'There is no warm-up with that id. `keepalive warmup` lists them.',
  KA_WARMUP_NOT_ADDED: 'The warm-up is in the configuration. Remove it there.',
  KA_WARMUP_UNSUPPORTED: 'There is no warm-up for a session of this kind.',
  KA_FLEET_NONE: 'There is no fleet. Set `fleet` in the configuration.',
  KA_FLEET_UNREACHABLE: 'The database of the fleet is not reached.',
  KA_FLEET_FILE: 'A file of the fleet cannot be used.',
  KA_FLEET_LOST: 'Another machine may have taken over the login, so it is not used here now.',
  KA_FLEET_MACHINE_NOT_FOUND: 'There is no machine with that name in the fleet. `keepalive fleet` lists them.',
  KA_FLEET_NOT_ACCEPTED: 'The other machine does not accept this. Its configuration says what it accepts.',
  KA_FLEET_SILENT: 'The other machine has not been heard from recently, or did not answer in time.',
  KA_FLEET_FAILED: 'The other machine could not do it. Its log says why.',
  KA_RATE_LIMITED: 'It is too early for another attempt.',
  KA_KERNEL_RUNNING: 'A daemon is already running for this home.',
  KA_HOME_UNUSABLE:
    'The home folder cannot be used. Give a folder that you own and can write, with --home or KEEPALIVE_HOME.',
  KA_HOME_NEWER: 'A newer version of Session Keepalive wrote the files in this home. Update it, or use another home.',
  KA_PORT_UNAVAILABLE: 'The API cannot listen on any port of 127.0.0.1.',
  KA_PAGE_NOT_SERVED:
    "The settings page is switched off. Remove ['ui-web', { serve: false }] from the plugins of your configuration.",
  KA_PAGE_NOT_ALLOWED: 'A settings page may not do this, because its cookie can be copied.',
  KA_RPC_NO_DAEMON: 'No daemon answers. Start it with `keepalive start`.',
  KA_RPC_OUTDATED: 'The running daemon is an older version. Replace it with `keepalive restart`.',
  KA_RPC_CONNECTION_LOST: 'The connection to the daemon was lost.',
  KA_RPC_TIMEOUT: 'The daemon did not answer in time.',
  KA_RPC_INVALID_PARAMS: 'The daemon does not accept the params.',
  KA_RPC_METHOD_NOT_FOUND: 'The daemon has no such method, or the token that only reads may not call it.',
  KA_RPC_FAILED: 'The daemon could not do it. Its log says why.',
  KA_SSH_FAILED: 'The other machine was not reached by ssh, or the connection was lost.',
} as const;

export type ErrorCode = keyof typeof MESSAGES;

/** The JSON-RPC code of all our errors; `data.code` identifies the error. */
export const OUR_RPC_CODE = 1;

export const ERROR_CODES = Object.keys(MESSAGES) as readonly ErrorCode[];

const BRAND: unique symbol = Symbol.for('session-keepalive.error') as never;

/**
 * The only error class. `details` has everything that varies, so that messages are constant and free of secrets. Only a
 * mistake in the params of a request is in the message: it names paths and what is expected there, not values.
 */
export class KeepaliveError extends Error {
  override readonly name = 'KeepaliveError';
  readonly [BRAND] = true;
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, details: Readonly<Record<string, unknown>> = {}, cause?: unknown) {
    super(messageOf(code, details), cause === undefined ? undefined : { cause });
    this.code = code;
    this.details = details;
  }
}

function messageOf(code: ErrorCode, { problems }: Readonly<Record<string, unknown>>): string {
  if (code !== 'KA_RPC_INVALID_PARAMS' || !Array.isArray(problems)) return MESSAGES[code];
  const texts = problems.filter(isRecord).map(({ path, message }) => (path ? `${path}: ${message}` : String(message)));
  return [MESSAGES[code], ...texts.map(text => (text.endsWith('.') ? text : `${text}.`))].join(' ');
}

/** True across duplicate copies of this module, where `instanceof` is not. */
export const isKeepaliveError = (value: unknown): value is KeepaliveError => value instanceof Error && BRAND in value;

/** The vendor was not reached, or is down. The session backs off. This is not a failure, and raises no notice. */
export const offline = (details: Readonly<Record<string, unknown>>, cause?: unknown): KeepaliveError =>
  new KeepaliveError('KA_OFFLINE', details, cause);

/** A sign-in did not succeed. `reason` says why to the user, and `hint` what to do. */
export const loginFailed = (reason: string, hint?: string): KeepaliveError =>
  new KeepaliveError('KA_LOGIN_FAILED', { reason, ...(hint !== undefined && { hint }) });
