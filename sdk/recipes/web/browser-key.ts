import { createDecipheriv, createHash, pbkdf2Sync } from 'node:crypto';
import type { ProviderContext } from '../../plugin/provider.ts';
import type { BrowserName } from './browser-profile.ts';

type Store = { readonly item: string; readonly account: string; readonly application: string };

const NONE: Store = { item: '', account: '', application: '' };

const STORES: Readonly<Partial<Record<BrowserName, Store>>> = {
  chrome: { item: 'Chrome Safe Storage', account: 'Chrome', application: 'chrome' },
  chromium: { item: 'Chromium Safe Storage', account: 'Chromium', application: 'chromium' },
  edge: { item: 'Microsoft Edge Safe Storage', account: 'Microsoft Edge', application: 'chromium' },
  brave: { item: 'Brave Safe Storage', account: 'Brave', application: 'brave' },
};

const WINDOWS =
  'On Windows this browser lets no other program read its cookies. ' +
  'Choose Firefox, or name a file of cookies as the "jar".';

/** Why the value cannot be decrypted; undefined if it can, as far as its first bytes show. */
export function whyLocked(value: Uint8Array, platform: string): string | undefined {
  const lock = lockOf(value);
  if (platform === 'win32' || lock === 'v20') return WINDOWS;
  if (lock === 'v10' || lock === 'v11') return undefined;
  return `The browser encrypts its cookies in an unknown way ("${lock.replace(/\W/g, '?')}").`;
}

/** Whether the value can be read without the keychain: it is plain, or encrypted with Chromium's built-in key. */
export const isOpen = (value: Uint8Array | undefined, platform: string): boolean =>
  value === undefined || (platform !== 'darwin' && platform !== 'win32' && lockOf(value) === 'v10');

/** The key of the browser's cookies, or what the user can do to allow it. The keychain may ask the user for consent. */
export async function readKey(
  browser: BrowserName,
  lock: string,
  context: ProviderContext,
  platform: string,
): Promise<Buffer | { readonly hint: string }> {
  if (platform !== 'darwin' && lock === 'v10') return derive('peanuts', 1);
  const { program, args, hint, rounds } = keychainOf(platform, STORES[browser]);
  if (!(await context.which(program))) return { hint };
  const { exitCode, stdout } = await context.exec(program, args, { signal: context.signal });
  const password = stdout.trim();
  if (exitCode !== 0 || password === '') return { hint };
  context.conceal(password);
  return derive(password, rounds);
}

const keychainOf = (platform: string, { item, account, application }: Store = NONE) =>
  platform === 'darwin'
    ? {
        program: 'security',
        args: ['find-generic-password', '-w', '-s', item, '-a', account],
        hint:
          `Let \`security\` read "${item}" from the keychain when macOS asks, ` +
          'or name a file of cookies as the "jar".',
        rounds: 1_003,
      }
    : {
        program: 'secret-tool',
        args: ['lookup', 'xdg:schema', 'chrome_libsecret_os_crypt_password_v2', 'application', application],
        hint: 'Install secret-tool (libsecret-tools) and unlock the keyring, or name a file of cookies as the "jar".',
        rounds: 1,
      };

/** The kind of encryption: the three letters that a value of Chromium begins with. */
export const lockOf = (value: Uint8Array): string => Buffer.from(value.subarray(0, 3)).toString('latin1');

const derive = (password: string, rounds: number): Buffer => pbkdf2Sync(password, 'saltysalt', rounds, 16, 'sha1');

/** Decrypts the value; undefined if the key is wrong. */
export function unlock(value: Uint8Array, key: Buffer, host: string): string | undefined {
  try {
    const decipher = createDecipheriv('aes-128-cbc', key, Buffer.alloc(16, ' '));
    const plain = Buffer.concat([decipher.update(value.subarray(3)), decipher.final()]);
    // Newer versions prefix a hash of the host.
    const hash = createHash('sha256').update(host).digest();
    return (plain.subarray(0, hash.length).equals(hash) ? plain.subarray(hash.length) : plain).toString('utf8');
  } catch {
    return undefined;
  }
}
