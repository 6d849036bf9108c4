import { inspect } from 'node:util';
import { ERROR_CODES, isKeepaliveError, KeepaliveError } from '../../sdk/contract/errors.ts';

/** An error as it is sent to another process, with its causes. */
export type PackedError = {
  readonly name: string;
  readonly message: string;
  readonly stack?: string | undefined;
  /** A code of the system, of the network or of this program. */
  readonly code?: string | undefined;
  /** Only for our own errors. */
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  readonly cause?: PackedError | undefined;
};

const MAX_DEPTH = 8;
const MAX_TEXT = 4_000;

export function packError(error: unknown, depth = 0): PackedError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error).slice(0, MAX_TEXT) };
  const { name, message, stack, cause } = error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return {
    name,
    message: message.slice(0, MAX_TEXT),
    stack: stack?.slice(0, MAX_TEXT),
    code,
    details: isKeepaliveError(error) ? asJson(error.details) : undefined,
    cause: cause === undefined || depth === MAX_DEPTH ? undefined : packError(cause, depth + 1),
  };
}

export function unpackError({ name, message, stack, code, details, cause }: PackedError): Error {
  const because = cause && unpackError(cause);
  const ours = details && ERROR_CODES.find(known => known === code);
  if (ours) return new KeepaliveError(ours, details, because);
  return Object.assign(
    new Error(message, because && { cause: because }),
    { name, stack },
    code === undefined ? {} : { code },
  );
}

export function isPackedError(value: unknown): value is PackedError {
  return (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    'message' in value &&
    typeof value.message === 'string'
  );
}

/** The fields of a log line as plain JSON, up to a size. Never throws: a log line must not end an attempt. */
export function asJson(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const text = jsonOf(value);
  if (text === undefined) return { shown: inspect(value, { depth: 3, maxStringLength: MAX_TEXT }).slice(0, MAX_TEXT) };
  if (text.length > MAX_TEXT * 4) return { cut: text.slice(0, MAX_TEXT) };
  const plain: unknown = JSON.parse(text);
  return { ...(plain as object) };
}

/** Undefined if JSON cannot hold it, such as a cycle or a bigint. */
function jsonOf(value: object): string | undefined {
  try {
    return JSON.stringify(value, (_name, member: unknown) => {
      if (member instanceof Error) return packError(member);
      return typeof member === 'string' ? member.slice(0, MAX_TEXT) : member;
    });
  } catch {
    return undefined;
  }
}
