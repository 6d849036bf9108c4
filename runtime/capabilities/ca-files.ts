import { X509Certificate } from 'node:crypto';
import { readPlainFile } from '../../sdk/system/plain-file.ts';
import type { Finding } from '../../sdk/contract/rpc.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** What happens if the CA file is unusable, as observed with the real programs. */
const VARIABLES: Readonly<Record<string, string>> = {
  NODE_EXTRA_CA_CERTS: 'The daemon and claude ignore it',
  SSL_CERT_FILE: 'codex fails with it, or ignores it if it is missing; the daemon and claude do not use it',
  CODEX_CA_CERTIFICATE: 'codex ignores it for some requests and fails with it for others',
};

/** Larger than any bundle of certificates. */
const MAX_BYTES = 64 * 1024 * 1024;

const CERTIFICATE = /-----BEGIN ((?:TRUSTED |X509 )?)CERTIFICATE-----[\s\S]+?-----END \1CERTIFICATE-----/g;

/** Warns of CA files that the environment names and that cannot be used. */
export async function badCaFiles(env: Env): Promise<readonly Finding[]> {
  const findings = await Promise.all(
    Object.entries(VARIABLES).map(async ([name, consequence]) => {
      const file = env[name];
      const trouble = file ? await troubleOf(file) : undefined;
      if (trouble === undefined) return [];
      const message = `${name} names ${file}, ${trouble}. ${consequence}.`;
      return [{ level: 'warning', subject: 'proxy', message, action: `Fix the file, or unset ${name}` } as const];
    }),
  );
  return findings.flat();
}

async function troubleOf(file: string): Promise<string | undefined> {
  const text = await readPlainFile(file, MAX_BYTES).then(
    bytes => bytes.toString('latin1'),
    (error: NodeJS.ErrnoException) => error,
  );
  if (text instanceof Error && text.code === 'ENOENT') return 'which does not exist';
  if (text instanceof Error) return `which cannot be read (${text.code ?? 'unknown'})`;
  const found = text.match(CERTIFICATE) ?? [];
  if (found.length === 0) return 'which contains no certificate';
  return found.every(isReadable) ? undefined : 'which contains a damaged certificate';
}

function isReadable(pem: string): boolean {
  try {
    return new X509Certificate(pem.replace(/(BEGIN|END) (TRUSTED|X509) /g, '$1 ')).subject !== undefined;
  } catch {
    return false;
  }
}
