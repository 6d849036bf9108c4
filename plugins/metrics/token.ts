import { randomBytes } from 'node:crypto';
import { chmod } from 'node:fs/promises';
import { readPlainFile } from '../../sdk/system/plain-file.ts';
import { replaceFile } from './replace-file.ts';

/** What a header can hold. */
const TOKEN_FORM = /^[\x21-\x7e]{8,256}$/;

const MODE = 0o600;
const MAX_BYTES = 1_024;

/** The token in the file. Without a usable one, a new one is written; `given` replaces it. */
export async function tokenIn(file: string, given: string | undefined): Promise<string> {
  const kept = await readToken(file);
  const token = given ?? kept ?? randomBytes(32).toString('base64url');
  if (token === kept) await chmod(file, MODE);
  else await replaceFile(file, `${token}\n`, MODE);
  return token;
}

async function readToken(file: string): Promise<string | undefined> {
  try {
    const text = (await readPlainFile(file, MAX_BYTES)).toString('utf8').trim();
    return TOKEN_FORM.test(text) ? text : undefined;
  } catch {
    // Absent, or no file. If it cannot be replaced either, that error says why.
    return undefined;
  }
}
