import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { UsageError } from '../build/usage.ts';
import { VENDOR_CACHE } from '../tests/support/vendors/vendor-program.ts';
import type { VendorProgram } from './programs/program.ts';

/** A release of a program that is installed. */
export type Installed = { readonly program: VendorProgram; readonly release: string; readonly path: string };

/** The releases of a program in the cache, each once. They are in folders `NAME`, for tests, and `NAME-VERSION`. */
export function installedOf(program: VendorProgram): readonly Installed[] {
  const names = existsSync(VENDOR_CACHE) ? readdirSync(VENDOR_CACHE) : [];
  const found = names
    .filter(name => name === program.name || name.startsWith(`${program.name}-`))
    .flatMap(name => installedIn(join(VENDOR_CACHE, name), program) ?? []);
  return [...new Map(found.map(installed => [installed.release, installed])).values()];
}

function installedIn(folder: string, program: VendorProgram): Installed | undefined {
  const modules = join(folder, 'node_modules');
  const bin = join(modules, program.bin);
  const about = join(modules, program.npm, 'package.json');
  if (!existsSync(about) || !existsSync(bin)) return undefined;
  const { version }: { readonly version: string } = JSON.parse(readFileSync(about, 'utf8'));
  return { program, release: version, path: realpathSync(bin) };
}

/** The scripts of a package are not run: they would write to the real home. */
function placeNative(modules: string, { from, to }: NonNullable<VendorProgram['native']>): void {
  const file = readFileSync(join(modules, from));
  rmSync(join(modules, to), { force: true });
  writeFileSync(join(modules, to), from.endsWith('.br') ? brotliDecompressSync(file) : file, { mode: 0o755 });
}

type Npm = (...args: readonly string[]) => string;

/** The newest release that this names. Throws a `UsageError` if npm has none, or is not reached. */
function newestOf(spec: string, npm: Npm): string {
  try {
    const release = npm('view', spec, 'version').trim().split('\n').at(-1);
    if (release) return release;
  } catch {
    // npm has said why on its own error output.
  }
  throw new UsageError(`npm shows no ${spec}. Give a version that it has, or try again later.`);
}

/** Installs a release from npm, unless it is in the cache. `latest` is the newest one. */
export function fetchRelease(program: VendorProgram, wanted: string): Installed {
  const spec = `${program.npm}@${wanted}`;
  const npm: Npm = (...args) =>
    execFileSync('npm', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], timeout: 600_000 });
  const release = newestOf(spec, npm);
  const folder = join(VENDOR_CACHE, `${program.name}-${release}`);
  const known = installedOf(program).find(installed => installed.release === release);
  if (known) return known;
  npm(
    'install',
    '--ignore-scripts',
    '--silent',
    '--no-audit',
    '--no-fund',
    '--prefix',
    folder,
    `${program.npm}@${release}`,
  );
  if (program.native) placeNative(join(folder, 'node_modules'), program.native);
  const installed = installedIn(folder, program);
  if (!installed) throw new Error(`${spec} was installed, but has no ${program.bin}.`);
  return installed;
}
