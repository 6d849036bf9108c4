import { isKeepaliveError } from '../../sdk/contract/errors.ts';
import type { FleetContext } from '../../sdk/plugin/fleet.ts';
import type { Secrets } from './connection.ts';
import type { PostgresOptions } from './options.ts';
import { sealWith } from './seal.ts';
import { FleetError, fileTrouble } from './trouble.ts';

/** Reads the address and the key. Throws `FleetError` if a file is missing, or other users may read it. */
export async function readSecrets(
  { url, urlFile, keyFile }: PostgresOptions,
  { readSecret, conceal }: Pick<FleetContext, 'readSecret' | 'conceal'>,
): Promise<Secrets> {
  const address = url ?? (await read(readSecret, urlFile ?? ''));
  concealAddress(address, conceal);
  const key = await read(readSecret, keyFile);
  conceal(key);
  try {
    return { url: address, seal: sealWith(key) };
  } catch {
    throw new FleetError(fileTrouble('the key is too short', 'Make one with `openssl rand -base64 32`.'));
  }
}

async function read(readSecret: FleetContext['readSecret'], path: string): Promise<string> {
  try {
    return (await readSecret(path)).trim();
  } catch (error) {
    if (!isKeepaliveError(error)) throw error;
    const problem = String(error.details['problem'] ?? 'cannot be read');
    throw new FleetError(fileTrouble(`${path} ${problem}`, `Make it readable for you alone: \`chmod 600 ${path}\`.`));
  }
}

function concealAddress(address: string, conceal: (secret: string) => void): void {
  if (!URL.canParse(address))
    throw new FleetError(fileTrouble('the address of the database is not valid', 'Correct the address.'));
  const { password } = new URL(address);
  if (password !== '') for (const form of [password, decodeURIComponent(password)]) conceal(form);
}
