import { lstat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { readPlainFile } from '../system/plain-file.ts';
import type { RpcResult } from '../contract/rpc.ts';

const MAX_BYTES = 4096;

/** A kernel's link to its settings page. Throws unless it leads to that kernel's own port. */
export function checkPageLink({ url }: RpcResult<'page/open'>, origin: string | undefined): string {
  const code = origin !== undefined && url.startsWith(`${origin}/open/`) ? url.slice(`${origin}/open/`.length) : '';
  if (/^[\w-]+$/.test(code)) return url;
  throw new Error('The daemon answered with something other than a link to its settings page. Nothing was opened.');
}

/** A kernel's file that opens its page. Throws unless it is ours alone and leads to that kernel's own port. */
export async function checkPageFile({ file }: RpcResult<'page/open'>, origin: string | undefined): Promise<string> {
  if (origin !== undefined && file !== undefined && isAbsolute(file) && (await isPrivate(file))) {
    const text = (await readPlainFile(file, MAX_BYTES)).toString('utf8');
    if (text.includes(`<form method="post" action="${origin}/open/">`)) return file;
  }
  throw new Error(
    'The daemon answered with something other than a file that opens its settings page. Nothing was opened.',
  );
}

async function isPrivate(file: string): Promise<boolean> {
  const facts = await lstat(file);
  if (!facts.isFile()) return false;
  return process.geteuid === undefined || (facts.uid === process.geteuid() && (facts.mode & 0o077) === 0);
}
