import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// Writes the bill of materials in the CycloneDX format: what an installation fetches, and what the build has packed.
// npm's own has the former only. It has no time and no random number, so that a build can be repeated.

const LOCK = fileURLToPath(new URL('../package-lock.json', import.meta.url));

type Locked = {
  readonly name?: string;
  readonly version: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly optional?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
};
type Lock = Readonly<Record<string, Locked>>;

/** `packed` are folders below `node_modules`, as the lock names them. */
export function writeSbom(file: string, packed: readonly string[]): void {
  const { packages }: { readonly packages: Lock } = JSON.parse(readFileSync(LOCK, 'utf8'));
  const { version = '', license = '' } = packages[''] ?? {};
  const shipped = [...new Set([...below('', packages), ...packed])].toSorted();
  const components = shipped.map(path => component(path, packages, packed.includes(path)));
  const ref = `pkg:npm/session-keepalive@${version}`;
  const graph = [
    { ref, dependsOn: [...needs('', packages), ...packed].map(path => refOf(path, packages)).toSorted() },
    ...shipped.map(path => ({
      ref: refOf(path, packages),
      dependsOn: needs(path, packages)
        .filter(needed => shipped.includes(needed))
        .map(needed => refOf(needed, packages))
        .toSorted(),
    })),
  ];
  const document = {
    $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    serialNumber: `urn:uuid:${uuidOf(JSON.stringify(components))}`,
    version: 1,
    metadata: {
      lifecycles: [{ phase: 'build' }],
      component: {
        'bom-ref': ref,
        type: 'application',
        name: 'session-keepalive',
        version,
        purl: ref,
        licenses: [{ license: { id: license } }],
      },
    },
    components,
    dependencies: graph,
  };
  writeFileSync(file, `${JSON.stringify(document, null, 2)}\n`);
}

/** All that is installed with a package. */
function below(path: string, lock: Lock): ReadonlySet<string> {
  const found = new Set(needs(path, lock));
  for (const one of found) for (const needed of needs(one, lock)) found.add(needed);
  return found;
}

/** What a package depends on. Node looks for it in its own folder first, then in those around it. */
function needs(path: string, lock: Lock): readonly string[] {
  const { dependencies, optionalDependencies } = lock[path] ?? {};
  return Object.keys({ ...dependencies, ...optionalDependencies }).flatMap(name => {
    for (let at = path; ; at = at.slice(0, Math.max(at.lastIndexOf('/node_modules/'), 0))) {
      const place = `${at && `${at}/`}node_modules/${name}`;
      if (lock[place]) return place;
      if (at === '') return [];
    }
  });
}

function component(path: string, lock: Lock, isPacked: boolean): object {
  const { version = '', license, integrity, optional } = lock[path] ?? {};
  const [group, name] = nameOf(path).startsWith('@') ? nameOf(path).split('/') : [undefined, nameOf(path)];
  const [algorithm, hash] = integrity?.split('-') ?? [];
  return {
    'bom-ref': refOf(path, lock),
    type: 'library',
    ...(group && { group }),
    name,
    version,
    scope: optional && !isPacked ? 'optional' : 'required',
    ...(algorithm === 'sha512' &&
      hash && { hashes: [{ alg: 'SHA-512', content: Buffer.from(hash, 'base64').toString('hex') }] }),
    ...(license && { licenses: [/[ (]/.test(license) ? { expression: license } : { license: { id: license } }] }),
    purl: refOf(path, lock),
    ...(isPacked && { properties: [{ name: 'session-keepalive:packed', value: 'true' }] }),
  };
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

const refOf = (path: string, lock: Lock): string =>
  `pkg:npm/${nameOf(path).replace('@', '%40')}@${lock[path]?.version ?? ''}`;

/** A UUID of version 8, which an application makes in its own way. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  const [a, b, c, d, e] = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(13, 16), hex.slice(17, 20), hex.slice(20, 32)];
  return `${a}-${b}-8${c}-8${d}-${e}`;
}
