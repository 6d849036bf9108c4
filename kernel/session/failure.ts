import { isKeepaliveError } from '../../sdk/contract/errors.ts';
import { isExhausted } from '../../runtime/files/errno.ts';
import type { Finish } from './transition.ts';

const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EPIPE',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_SOCKET',
  'KA_OFFLINE',
  'KA_INTERCEPTED',
]);

/**
 * Classifies a thrown error: the network (`offline`) or this machine, which count towards nothing, or an unexplained
 * failure. `scrub` takes secrets out of the message.
 */
export function failureOf(
  error: unknown,
  scrub: (text: string) => string,
): Pick<Finish, 'outcome' | 'code' | 'message'> {
  const chain = causesOf(error);
  const isLocal = chain.some(
    link => isExhausted(codeOf(link)) || (isKeepaliveError(link) && isExhausted(link.details['reason'])),
  );
  const isOffline =
    !isLocal &&
    chain.some(
      link => NETWORK_CODES.has(codeOf(link) ?? '') || (link instanceof Error && link.name === 'TimeoutError'),
    );
  return {
    outcome: isOffline ? 'offline' : 'failed',
    code: isLocal ? 'KA_MACHINE_EXHAUSTED' : isKeepaliveError(error) ? error.code : 'KA_PLUGIN_FAILED',
    message: scrub(sentence(chain)).slice(0, 500),
  };
}

/** The first sentence says what happened to us, the last why. */
function sentence(chain: readonly unknown[]): string {
  const messages = chain
    .map(link => (link instanceof Error ? `${link.message}${detailsOf(link)}` : String(link)))
    .filter(Boolean);
  return [...new Set([messages[0] ?? 'unknown', messages.at(-1) ?? ''])].filter(Boolean).join(' — ');
}

function detailsOf(error: Error): string {
  if (!isKeepaliveError(error)) return '';
  const shown = Object.entries(error.details).filter(
    ([, value]) => typeof value === 'string' || typeof value === 'number',
  );
  return shown.length ? ` (${shown.map(([key, value]) => `${key}: ${value}`).join(', ')})` : '';
}

function causesOf(error: unknown): readonly unknown[] {
  const chain: unknown[] = [];
  for (
    let at = error;
    at !== undefined && at !== null && chain.length < 8 && !chain.includes(at);
    at = (at as { cause?: unknown }).cause
  )
    chain.push(at);
  return chain;
}

const codeOf = (error: unknown): string | undefined => {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
};
