import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { FILES_OF_RELEASE, fillIn, type Release } from './fill-in.ts';

// Writes the version and the checksum of a packed package into the files of `packaging/` that fetch it:
//
//   npm pack && npx jiti build/release/main.ts session-keepalive-VERSION.tgz

const [tarball] = process.argv.slice(2);
if (tarball === undefined) throw new Error('Give the tarball of npm pack.');

const manifest = execFileSync('tar', ['-xzOf', tarball, 'package/package.json'], { encoding: 'utf8' });
const { version }: { readonly version: string } = JSON.parse(manifest);
const release: Release = { version, sha256: createHash('sha256').update(readFileSync(tarball)).digest('hex') };

for (const file of FILES_OF_RELEASE) {
  const path = fileURLToPath(new URL(`../../packaging/${file}`, import.meta.url));
  writeFileSync(path, fillIn(file, readFileSync(path, 'utf8'), release));
  console.log(`packaging/${file}: ${release.version} ${release.sha256}`);
}
