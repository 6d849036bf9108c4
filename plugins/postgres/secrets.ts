import { isKeepaliveError } from '../../sdk/contract/errors.ts';
import type { FleetContext } from '../../sdk/plugin/fleet.ts';
import type { Secrets } from './access.ts';
import { isAddress, secretsOf } from './address.ts';
import type { PostgresOptions } from './options.ts';
import { sealWith } from './seal.ts';
import { BAD_ADDRESS, FleetError, fileTrouble, SHORT_KEY } from './trouble.ts';

/** Reads the address and the key. Throws `FleetError` if one of them cannot be used. */
export async function readSecrets(
  { url, urlFile, keyFile }: PostgresOptions,
  { readSecret, conceal }: Pick<FleetContext, 'readSecret' | 'conceal'>,
): Promise<Secrets> {
  const address = url ?? (await read(readSecret, urlFile ?? ''));
  if (!isAddress(address)) throw new FleetError(BAD_ADDRESS);
  for (const secret of secretsOf(address)) conceal(secret);
  const key = await read(readSecret, keyFile);
  conceal(key);
  try {
    return { url: address, seal: sealWith(key) };
  } catch (error) {
    throw error instanceof RangeError ? new FleetError(SHORT_KEY) : error;
  }
}

const FIXES: Readonly<Record<string, (path: string) => string>> = {
  'can be read by other users': path => `Make it readable for you alone: \`chmod 600 ${path}\`.`,
  'does not exist': () => 'Copy it from another machine, or correct its path in `fleet`.',
};

async function read(readSecret: FleetContext['readSecret'], path: string): Promise<string> {
  try {
    const text = (await readSecret(path)).trim();
    if (text === '') throw new FleetError(fileTrouble(`${path} is empty`, 'Copy it from another machine.'));
    return text;
  } catch (error) {
    if (!isKeepaliveError(error)) throw error;
    const problem = String(error.details['problem'] ?? 'cannot be read');
    const fix = FIXES[problem]?.(path) ?? 'Correct its path in `fleet`, or the file.';
    throw new FleetError(fileTrouble(`${path} ${problem}`, fix));
  }
}
