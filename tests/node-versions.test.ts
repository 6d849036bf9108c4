import { expect, test } from 'vitest';
import { readText } from './support/sources.ts';

const ci = readText('.ci/run');
const manifest = JSON.parse(readText('package.json'));
/** The oldest Node that runs tests there, such as 20.19.0, and the others. */
const oldest = /^oldest=(\S+)/m.exec(ci)?.[1] ?? '';
const others = /newest=(\S+) between=\(([^)]+)\)/.exec(ci)?.slice(1).join(' ').split(' ') ?? [];
const floor = oldest.replace(/\.0$/, '');

test('CI tests the oldest Node that package.json allows', () => {
  expect(manifest.engines.node).toBe(`>=${floor}`);
});

test('the types are those of the oldest Node, so nothing newer is used', () => {
  expect(manifest.devDependencies['@types/node']).toSatisfy((version: string) => version.startsWith(`${floor}.`));
});

test.each(['README.md', 'CONTRIBUTING.md'])('%s requires the same Node', file => {
  const required = [...readText(file).matchAll(/Node (\d+(?:\.\d+)?) or newer/g)].map(([, version]) => version);
  expect(new Set(required)).toEqual(new Set([floor]));
});

test('CONTRIBUTING.md says on which versions of Node CI runs tests', () => {
  const majors = others.map(version => version.split('.')[0]).toSorted();
  const named = /Node ([\d.]+(?:, \d+)*) and (\d+)/.exec(readText('CONTRIBUTING.md'));
  expect([...(named?.[1]?.split(', ') ?? []), named?.[2]]).toEqual([floor, ...majors]);
});
