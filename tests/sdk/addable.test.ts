import { describe, expect, test } from 'vitest';
import { builtinNames } from '../../runtime/load-module.ts';
import { ADDABLE, type AddableOption } from '../../sdk/plugin/addable.ts';
import { isKeepaliveError } from '../../sdk/contract/errors.ts';
import type { Problem } from '../../sdk/plugin/options.ts';

const importBuiltin = (name: string) => import(`../../plugins/${name}/index.ts`);

/** The problems that a provider finds in its options. */
async function problemsOf(plugin: string, options: object): Promise<readonly Problem[]> {
  const { default: factory } = await importBuiltin(plugin);
  try {
    factory(options);
    return [];
  } catch (error) {
    if (isKeepaliveError(error)) return error.details['problems'] as readonly Problem[];
    throw error;
  }
}

const nested = (path: readonly string[], value: unknown): object =>
  path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as object;

/** A value of the kind, as the command line makes it. */
const EXAMPLES: Readonly<Record<AddableOption['kind'], unknown>> = {
  text: 'text',
  path: '/a/path',
  choice: undefined,
  number: 204,
  switch: true,
  list: ['one'],
  command: ['program', 'argument'],
};

const isMissing = ({ message }: Problem): boolean => /undefined|missing/.test(message);

/** Options whose text has a form of its own. */
const FORMS: Readonly<Record<string, unknown>> = {
  ping: ['https://a.example/me'],
  tokenEndpoint: 'https://a.example/token',
  browser: 'firefox',
  'browser.browser': 'firefox',
  'jar.browser': 'firefox',
  'command.expiresAt': 'json:expiry',
  'deadline.expiresAt': '2030-03-01',
  warn: ['30d'],
};

test('every built-in provider can be added, except for the practice session', async () => {
  const names = await Promise.all(
    builtinNames().map(async name => {
      const { autodetect, default: factory } = await importBuiltin(name);
      const isFound = autodetect === true && factory().kind === 'provider';
      return isFound || ['oauth', 'cookies', 'command', 'deadline'].includes(name) ? [name] : [];
    }),
  );
  expect(ADDABLE.map(({ plugin }) => plugin).toSorted()).toEqual(names.flat().toSorted());
});

describe.each(ADDABLE)('$plugin', ({ plugin, options }) => {
  test.each(options)('takes $name as its description says', async ({ name, kind, choices }) => {
    const path = name.replace('.*', '.x').split('.');
    for (const value of choices ?? [FORMS[`${plugin}.${name}`] ?? FORMS[name] ?? EXAMPLES[kind]]) {
      const given = name.endsWith('.profile')
        ? nested(path.slice(0, 1), { browser: 'firefox', profile: value })
        : nested(path, value);
      const problems = await problemsOf(plugin, { ...(plugin === 'command' && { store: '/x' }), ...given });
      // Others, and neighbours of a nested one, are missing.
      const about = problems.filter(problem => problem.path.startsWith(path[0] ?? '') && !isMissing(problem));
      expect(about).toEqual([]);
      expect(problems.filter(({ message }) => message.includes(`"${path.at(-1)}"`))).toEqual([]);
    }
  });

  test('says which options it needs', async () => {
    const missing = (await problemsOf(plugin, {})).map(({ path }) => path.split('.')[0]);
    const required = options.flatMap(({ name, required }) => (required ? [name.split('.')[0]] : []));
    expect([...new Set(missing)].filter(path => path !== 'id').toSorted()).toEqual([...new Set(required)].toSorted());
  });
});
