import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PACKED_PACKAGES, PAGE_PACKAGES } from '../../build/packed-packages.ts';
import { writeSbom } from '../../build/sbom.ts';
import { readText } from '../support/sources.ts';

type Component = {
  readonly 'bom-ref': string;
  readonly type: string;
  readonly group?: string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly hashes: readonly { readonly alg: string; readonly content: string }[];
  readonly licenses: readonly { readonly license?: { readonly id: string }; readonly expression?: string }[];
  readonly properties?: readonly { readonly name: string; readonly value: string }[];
};

const sbom: {
  readonly bomFormat: string;
  readonly specVersion: string;
  readonly serialNumber: string;
  readonly version: number;
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
} = JSON.parse(readText('dist/sbom.cdx.json'));

const { components } = sbom;
const nameOf = ({ group, name }: Component) => (group === undefined ? name : `${group}/${name}`);
const packed = components.filter(({ properties }) => properties?.some(({ name }) => name.endsWith(':packed')));

/** Licences that let us ship a package. Another one needs a decision. */
const ALLOWED = [
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'MIT-0',
  'Python-2.0',
];

test('the bill of materials is a CycloneDX document about this version', () => {
  expect(sbom).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.5', version: 1 });
  expect(sbom.serialNumber).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const { name, version, license } = JSON.parse(readText('package.json'));
  expect(sbom.metadata.component).toMatchObject({ name, version, licenses: [{ license: { id: license } }] });
});

test('every component has a version, an address, a hash and a licence that lets us ship it', () => {
  for (const component of components) {
    expect(component).toMatchObject({
      type: 'library',
      version: expect.stringMatching(/^\d/),
      purl: expect.stringMatching(/^pkg:npm\/(%40[^/@]+\/)?[^/@]+@\d/),
      hashes: [{ alg: 'SHA-512', content: expect.stringMatching(/^[0-9a-f]{128}$/) }],
    });
    expect(component.licenses.map(({ license }) => license?.id)).toSatisfy((ids: readonly string[]) =>
      ids.every(id => ALLOWED.includes(id)),
    );
  }
});

test('references are unique, and every one leads to a component', () => {
  const refs = [sbom.metadata.component, ...components].map(component => component['bom-ref']);
  expect(new Set(refs).size).toBe(refs.length);
  expect(sbom.dependencies.map(({ ref }) => ref).toSorted()).toEqual(refs.toSorted());
  expect(sbom.dependencies.flatMap(({ dependsOn }) => dependsOn).filter(ref => !refs.includes(ref))).toEqual([]);
});

test('it has all that is installed and all that is packed, with what that needs', () => {
  const names = components.map(nameOf);
  const { dependencies, optionalDependencies } = JSON.parse(readText('package.json'));
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) expect(names).toContain(name);
  expect(packed.map(nameOf)).toEqual(
    expect.arrayContaining([...PACKED_PACKAGES, ...PAGE_PACKAGES, 'js-yaml', 'tdigest']),
  );
  expect(names).not.toContain('vitest');
  const licensed = [...readText('dist/packed/LICENSES.txt').matchAll(/^(\S+) \([^)\n]+\)$/gm)].map(([, name]) => name);
  expect(licensed.length).toBeGreaterThan(PACKED_PACKAGES.length);
  expect(packed.map(nameOf)).toEqual(expect.arrayContaining(licensed));
});

test('it is the same each time', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'sbom-')), 'sbom.json');
  const write = () => {
    writeSbom(file, ['node_modules/zod']);
    return readFileSync(file, 'utf8');
  };
  expect(write()).toBe(write());
});
