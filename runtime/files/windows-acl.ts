import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join, win32 } from 'node:path';
import { promisify } from 'node:util';
import { errnoOf } from '../../sdk/base/errno.ts';
import { systemProgram } from '../../sdk/system/search-path.ts';
import { openTemporary, removeTemporary } from './durable.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Who may read a folder on Windows. */
export type Access =
  | { readonly kind: 'private' }
  | { readonly kind: 'open'; readonly to: readonly string[] }
  | { readonly kind: 'unknown'; readonly reason: string };

/** What is run and read to find out; tests pass their own. */
export type AclTools = {
  /** Runs a program of Windows. Resolves with its output. */
  readonly run: (program: string, args: readonly string[]) => Promise<string>;
  /** Runs `icacls /save`, and resolves with what it has written. */
  readonly save: (folder: string) => Promise<string>;
  readonly env: Env;
};

const SYSTEM = 'S-1-5-18';
const ADMINISTRATORS = 'S-1-5-32-544';
/** Those, as SDDL abbreviates them, the built-in administrator, and placeholders for an owner. */
const TRUSTED: readonly string[] = [SYSTEM, ADMINISTRATORS, 'SY', 'BA', 'LA', 'CO', 'OW', 'S-1-3-0', 'S-1-3-4'];
const NAMES: Readonly<Record<string, string>> = {
  WD: 'Everyone',
  BU: 'Users',
  AU: 'Authenticated Users',
  IU: 'Interactive',
  BG: 'Guests',
  PU: 'Power Users',
};

/** The profile is private by inheritance. */
export function isInProfile(folder: string, { USERPROFILE: profile }: Env): boolean {
  if (!profile) return false;
  const rest = win32.relative(profile, folder);
  return rest !== '..' && !rest.startsWith('..\\') && !win32.isAbsolute(rest);
}

/** Who else may do anything with the folder. SDDL says it in every language of Windows alike. */
export function othersIn(sddl: string, user: string): readonly string[] | undefined {
  const list = /D:([^]*?)(?:S:|$)/.exec(sddl)?.[1];
  if (list === undefined) return undefined;
  if (list.includes('NO_ACCESS_CONTROL')) return ['Everyone'];
  const entries = [...list.matchAll(/\(([^()]*)/g)].map(([, entry = '']) => entry.split(';'));
  const allowed = entries.flatMap(([type = '', , , , , trustee = '']) => (/^(A|OA|XA)$/.test(type) ? [trustee] : []));
  return [...new Set(allowed)]
    .filter(each => each !== user && !TRUSTED.includes(each))
    .map(each => NAMES[each] ?? each);
}

/** The arguments of `icacls` that leave a folder to the user, the system and the administrators. */
export const restrictions = (folder: string, user: string): readonly (readonly string[])[] => [
  // Entries of the folder itself go first; the next step removes what it inherits.
  [folder, '/reset', '/q'],
  [folder, '/inheritance:r', '/grant:r', ...[user, SYSTEM, ADMINISTRATORS].map(sid => `*${sid}:(OI)(CI)F`), '/q'],
];

/** Looks who may read a folder. A folder in the profile is not examined. */
export async function lookAtAccess(folder: string, tools = realTools()): Promise<Access> {
  return isInProfile(folder, tools.env) ? { kind: 'private' } : (await examine(folder, tools)).access;
}

/** Leaves a folder outside of the profile to its user. What could not be done, `doctor` says. */
export async function restrictAccess(folder: string, tools = realTools()): Promise<Access> {
  if (isInProfile(folder, tools.env)) return { kind: 'private' };
  const { access, user } = await examine(folder, tools);
  // Never a whole drive.
  if (access.kind !== 'open' || user === undefined || win32.dirname(folder) === folder) return access;
  try {
    for (const args of restrictions(folder, user)) await tools.run('icacls.exe', args);
  } catch {
    return access;
  }
  return (await examine(folder, tools)).access;
}

async function examine(folder: string, { run, save }: AclTools): Promise<{ access: Access; user?: string }> {
  try {
    const user = /S-1-[\d-]+/.exec(await run('whoami.exe', ['/user', '/fo', 'csv', '/nh']))?.[0];
    if (user === undefined) return { access: { kind: 'unknown', reason: 'whoami does not say who you are' } };
    const to = othersIn(await save(folder), user);
    if (!to) return { access: { kind: 'unknown', reason: 'icacls does not say who may read it' } };
    return { access: to.length > 0 ? { kind: 'open', to } : { kind: 'private' }, user };
  } catch (error) {
    return { access: { kind: 'unknown', reason: `whoami or icacls fails: ${errnoOf(error)}` } };
  }
}

function realTools(env: Env = process.env): AclTools {
  const run: AclTools['run'] = async (program, args) => {
    const options = { windowsHide: true, timeout: 10_000 };
    return (await promisify(execFile)(systemProgram(program, env), [...args], options)).stdout;
  };
  return { run, env, save: folder => savedBy(run, folder) };
}

/** icacls writes UTF-16 into a file. It is beside the folder's own files, which others may see anyway. */
async function savedBy(run: AclTools['run'], folder: string): Promise<string> {
  const { file, handle } = await openTemporary(join(folder, 'acl'));
  await handle.close();
  try {
    await run('icacls.exe', [folder, '/save', file, '/q']);
    return await readFile(file, 'utf16le');
  } finally {
    await removeTemporary(file);
  }
}
