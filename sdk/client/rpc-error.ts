import { JSONRPCErrorException } from 'json-rpc-2.0';
import { ERROR_CODES, KeepaliveError, type ErrorCode } from '../contract/errors.ts';
import { isRecord } from '../base/json.ts';

/** The library passes on only the message of an error that is not an answer. */
export const CONNECTION_LOST = 'connection lost';

const BY_RPC_CODE: Readonly<Record<number, ErrorCode>> = {
  [-32_601]: 'KA_RPC_METHOD_NOT_FOUND',
  [-32_602]: 'KA_RPC_INVALID_PARAMS',
};

/** The error of a request. What is not one of our errors, or one that only a newer daemon has, is KA_RPC_FAILED. */
export function toKeepaliveError(error: unknown, method: string): KeepaliveError {
  if (error instanceof KeepaliveError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  if (reason === CONNECTION_LOST) return new KeepaliveError('KA_RPC_CONNECTION_LOST');
  if (!(error instanceof JSONRPCErrorException)) return new KeepaliveError('KA_RPC_FAILED', { method, reason }, error);
  const data: Readonly<Record<string, unknown>> = isRecord(error.data) ? error.data : {};
  const details = isRecord(data['details']) ? data['details'] : {};
  const ours = ERROR_CODES.find(code => code === data['code']);
  if (ours) return new KeepaliveError(ours, details);
  const standard = BY_RPC_CODE[error.code];
  if (standard) return new KeepaliveError(standard, { method, ...data });
  return new KeepaliveError('KA_RPC_FAILED', { ...details, method, reason, code: data['code'] ?? error.code });
}
