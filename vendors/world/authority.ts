import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { certificate } from '../../tests/support/daemon/certificate.ts';

type Certificate = Awaited<ReturnType<typeof certificate>>;

/** The certificates of one run. Making one takes openssl a second. */
export type Authorities = {
  /** For these hosts, by the authority that the programs trust. */
  readonly good: Certificate;
  /** For the same hosts, by another authority. */
  readonly unknown: Certificate;
  /** Of the trusted authority, for a host that is never asked for. */
  readonly elsewhere: Pick<Certificate, 'key' | 'cert'> & { readonly authority: string };
};

export async function authorities(folder: string, hosts: readonly string[]): Promise<Authorities> {
  const make = (name: string, names: readonly string[]) => {
    const place = join(folder, name);
    mkdirSync(place, { recursive: true });
    return certificate(names, place);
  };
  return {
    good: await make('good', hosts),
    unknown: await make('unknown', hosts),
    elsewhere: await make('elsewhere', ['elsewhere.example']),
  };
}

export const hasOpenssl = (): boolean => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};
