import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkConfig } from '../config/resolve.ts';
import { importFile } from '../sdk/config-file/import-file.ts';
import { discoverable, loadEntry, nameOf } from '../kernel/plugins/loader.ts';
import { builtinNames } from '../runtime/load-module.ts';
import { openRpcDocument } from '../sdk/contract/open-rpc.ts';
import { METHODS, NOTIFICATIONS } from '../sdk/contract/rpc-schema.ts';
import { policyShape } from '../sdk/contract/policy-schema.ts';
import { COMMANDS } from '../plugins/ui-cli/commands/table.ts';
import { EXIT } from '../plugins/ui-cli/context/exit.ts';
import { PLACEHOLDERS } from '../plugins/ui-cli/prompt/placeholders.ts';
import { SNIPPETS } from '../plugins/ui-cli/prompt/snippets.ts';
import { SYMBOLS } from '../plugins/ui-cli/prompt/summary.ts';
import { TARGETS } from '../plugins/ui-cli/prompt/targets.ts';
import { DEFAULT_POLICY, ERROR_CODES, isKeepaliveError } from '../sdk/index.ts';
import { fakeContext } from '../sdk/testing/index.ts';
import {
  anchors,
  documents,
  plain,
  promises,
  prose,
  relativeLinks,
  snippets,
  tableRows,
} from './support/docs/markdown.ts';
import { notIsolated } from './support/daemon/not-isolated.ts';
import { filesBelow, readText, ROOT } from './support/sources.ts';

type Param = { readonly name: string; readonly required: boolean };

const run = promisify(execFile);
const manifest = JSON.parse(readText('package.json'));
const configuration = readText('docs/configuration.md');
const firstCells = (text: string, heading: RegExp) => tableRows(text, heading).map(([cell]) => plain(cell));

describe('tables match the code', () => {
  test('docs/errors.md has every error code, and no other', () => {
    const documented = firstCells(readText('docs/errors.md'), /./);
    expect(documented.toSorted()).toEqual([...ERROR_CODES].toSorted());
  });

  test('docs/rpc.md has every method and notification, and no other', () => {
    const api = readText('docs/rpc.md');
    expect(firstCells(api, /Methods/).toSorted()).toEqual(Object.keys(METHODS).toSorted());
    expect(firstCells(api, /Notifications/).toSorted()).toEqual(Object.keys(NOTIFICATIONS).toSorted());
  });

  test('docs/rpc.md names the params of every method and which are optional', () => {
    const documented = tableRows(readText('docs/rpc.md'), /Methods/).map(([name, params]) => [
      plain(name),
      plain(params).split(', ').filter(Boolean),
    ]);
    const { methods } = openRpcDocument('0') as {
      readonly methods: readonly { readonly name: string; readonly params: readonly Param[] }[];
    };
    expect(documented).toEqual(
      methods.map(({ name, params }) => [name, params.map(param => `${param.name}${param.required ? '' : '?'}`)]),
    );
  });

  test('docs/configuration.md has every member of a policy with its default', () => {
    const rows = tableRows(configuration, /^## Policy/).filter(([name = '']) => !name.includes('mode:'));
    expect(rows.map(([name]) => plain(name)).toSorted()).toEqual(Object.keys(policyShape).toSorted());
    const documented = Object.fromEntries(rows.map(([name, value]) => [plain(name), JSON.parse(asJson(plain(value)))]));
    expect(documented).toEqual(DEFAULT_POLICY);
  });

  test('docs/configuration.md has every built-in plugin', () => {
    const folders = new Set(filesBelow('plugins').map(file => file.split('/')[1]));
    expect(firstCells(configuration, /^## Built-in/).toSorted()).toEqual([...folders].toSorted());
  });

  test('docs/configuration.md says which plugins need no configuration', async () => {
    const documented = tableRows(configuration, /^## Built-in/)
      .filter(([, , found]) => found === 'if found')
      .map(([name]) => plain(name));
    expect(documented.toSorted()).toEqual((await discoverable()).toSorted());
  });

  test.each(tableRows(configuration, /^## Built-in/).filter(([, , , options]) => options))(
    'docs/configuration.md names only options that %s has',
    async (name, ...cells) => {
      const named = (cells.at(-1) ?? '').replaceAll(DEFAULT_VALUE, '').matchAll(/`([a-z]\w*)[?:`]/g);
      const options = [...named].map(([, option = '']) => [option, Symbol('invalid')]);
      expect(options).not.toEqual([]);
      const { default: factory } = await import(`../plugins/${plain(name)}/index.ts`);
      expect(() => factory(Object.fromEntries(options))).toThrow(
        expect.toSatisfy(error => isKeepaliveError(error) && !JSON.stringify(error.details).includes('is not known')),
      );
    },
  );

  test('docs/writing-a-plugin.md has every member of the context', () => {
    const documented = firstCells(readText('docs/writing-a-plugin.md'), /^## The context/).flatMap(cell =>
      cell.split(', '),
    );
    const { calls: _calls, ...context } = fakeContext();
    expect(documented.toSorted()).toEqual(Object.keys(context).toSorted());
  });

  test('docs/prompt.md has every format and placeholder as the help describes it, and every class', () => {
    const rows = (heading: RegExp) =>
      tableRows(readText('docs/prompt.md'), heading).map(([name = '', about]) => [plain(name), about]);
    const abouts = (table: Readonly<Record<string, string | { readonly about: string }>>) =>
      Object.entries(table).map(([name, about]) => [name, typeof about === 'string' ? about : about.about]);
    expect(rows(/^## Formats/)).toEqual(abouts(TARGETS));
    expect(rows(/^## Placeholders/)).toEqual(abouts(PLACEHOLDERS).map(([name, about]) => [`{${name}}`, about]));
    expect(
      rows(/^## Classes/)
        .map(([name = '']) => name)
        .toSorted(),
    ).toEqual(Object.keys(SYMBOLS).toSorted());
  });

  test('docs/prompt.md names the file of every snippet, and docs/snippets has no other', () => {
    const rows = tableRows(readText('docs/prompt.md'), /^## Snippets/);
    const documented = rows.map(([tool = '', link = '']) => [plain(tool), /\(snippets\/(.*)\)/.exec(link)?.[1]]);
    expect(Object.fromEntries(documented)).toEqual(SNIPPETS);
    const files = filesBelow('docs/snippets').map(file => posix.basename(file));
    expect(files).toEqual([...new Set(Object.values(SNIPPETS))].toSorted());
  });

  test('README.md has every command, and no other', () => {
    const documented = firstCells(readText('README.md'), /^## Commands/)
      .flatMap(cell => cell.split(' · '))
      .map(withoutArguments);
    expect(documented.toSorted()).toEqual(commandNames.toSorted());
  });

  test('README.md has every exit code', () => {
    expect(firstCells(readText('README.md'), /^## Exit codes/).map(Number)).toEqual(Object.values(EXIT));
  });
});

/** `[https://ntfy.sh]` after an option. */
const DEFAULT_VALUE = /\[[^\]]*\]/g;
const withoutArguments = (usage: string): string => usage.replace(/^keepalive /, '').replace(/ [<[A-Z].*$/, '');
const commandNames = Object.values(COMMANDS)
  .flat()
  .map(({ usage }) => withoutArguments(usage));

describe.each(documents())('%s', file => {
  const text = readText(file);

  test('names only existing commands', () => {
    const code = [...text.matchAll(/`[^`\n]+`|^```\w*\n.*?^```/gms)].map(([span]) => span).join('\n');
    const named = [...code.matchAll(/\bkeepalive ((?:config |notify |plugin |service )?[a-z]+)/g)].map(
      ([, name = '']) => name,
    );
    expect(named.filter(name => !commandNames.includes(name))).toEqual([]);
  });

  test('has no broken relative links', () => {
    const broken = relativeLinks(text).filter(link => {
      const [path = '', anchor] = link.split('#');
      const target = path ? posix.join(posix.dirname(file), path) : file;
      return !existsSync(join(ROOT, target)) || (anchor !== undefined && !anchors(readText(target)).includes(anchor));
    });
    expect(broken).toEqual([]);
  });
});

test.each(documents())('%s has no line of prose over 120 columns', file => {
  expect(prose(readText(file)).filter(line => [...line].length > 120)).toEqual([]);
});

describe('docs/architecture.md', () => {
  const text = readText('docs/architecture.md');

  test('has a glossary of at most 25 rows', () => {
    expect(tableRows(text, /^## Glossary/).length).toBeLessThanOrEqual(25);
  });

  test('names only existing files in the picture of a refresh', () => {
    const [, picture = ''] = /^## One refresh\n.*?^```\n(.*?)^```$/ms.exec(text) ?? [];
    const named = [...picture.matchAll(/\b(?:kernel|lifecycle|runtime|server|plugins|sdk)\/[\w/-]+\.ts\b/g)];
    expect(named.length).toBeGreaterThan(20);
    expect(named.map(([path]) => path).filter(path => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});

test('CONTRIBUTING.md names only existing files', () => {
  const named = [...readText('CONTRIBUTING.md').matchAll(/`((?:\w[\w-]*\/)+[\w.-]+\.\w+)`/g)].map(
    ([, path = '']) => path,
  );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter(path => !/\bX\b/.test(path) && !existsSync(join(ROOT, path)))).toEqual([]);
});

describe('decisions', () => {
  const records = filesBelow('docs/decisions').filter(file => /\/\d{4}-/.test(file));

  test.each(records)('%s has at most forty lines, and its title is in the index', file => {
    const lines = readText(file).trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(40);
    const title = lines[0]?.replace('# ', '');
    expect(readText('docs/decisions/README.md')).toContain(`[${title}](${posix.basename(file)})`);
  });
});

describe('TypeScript snippets', () => {
  let folder: string;
  const files = documents().flatMap(file =>
    snippets(readText(file), 'ts').map((code, index) => [`${file}.${index + 1}.ts`, code] as const),
  );
  const configurations = [
    'keepalive.config.ts',
    ...files.flatMap(([name, code]) => (code.includes('export default defineConfig') ? [name] : [])),
  ];

  beforeAll(async () => {
    // Inside the package, so that its own name resolves to the sources, and hidden from other tools by the dot.
    folder = await mkdtemp(join(ROOT, '.snippets-'));
    await writeFile(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ extends: '../tsconfig.json', compilerOptions: { rootDir: '..' }, include: ['**/*.ts'] }),
    );
    for (const [name, code] of [...files, ['keepalive.config.ts', readText('keepalive.config.ts')] as const]) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), code);
    }
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('compile', async () => {
    expect(files.length).toBeGreaterThan(5);
    const { stdout } = await run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', folder]).catch(
      (error: { readonly stdout: string }) => error,
    );
    expect(stdout).toBe('');
  }, 60_000);

  test.each(configurations)('%s is a valid configuration with valid options of built-in plugins', async name => {
    const file = join(folder, name);
    const { plugins } = checkConfig(file, await importFile(file, folder));
    const builtIn = plugins.filter(entry => builtinNames().includes(nameOf(entry)));
    expect(builtIn).not.toEqual([]);
    const loaded = await Promise.all(
      builtIn.map(entry => loadEntry(entry, { base: file, stateDir: folder }, notIsolated)),
    );
    expect(loaded.map(({ info }) => info.status)).not.toContain('failed');
  });
});

describe('claims have tests', () => {
  const promised = promises(readText('docs/reliability.md'));
  const proofs = ['tests/reliability', 'tests/security'].flatMap(filesBelow);
  /** The beginning of the file names of a promise's tests: `R01-`. */
  const prefixOf = (id: string) => `${id[0]}${id.slice(1).padStart(2, '0')}-`;

  test.each(promised)('docs/reliability.md names all tests of $id, and only existing files', ({ id, files }) => {
    expect(files.filter(file => !existsSync(join(ROOT, file)))).toEqual([]);
    const own = proofs.filter(file => posix.basename(file).startsWith(prefixOf(id)));
    expect(own).not.toEqual([]);
    expect(files).toEqual(expect.arrayContaining(own));
  });

  test('docs/reliability.md has a section for every promise with tests', () => {
    const tested = new Set(proofs.flatMap(file => /^[RS]\d\d-/.exec(posix.basename(file)) ?? []));
    expect(promised.map(({ id }) => prefixOf(id)).toSorted()).toEqual([...tested].toSorted());
  });

  test('SECURITY.md names a test for each claim but for stated limits', () => {
    const claims = ['A web page', 'Another user', 'A plugin', 'A stolen laptop', 'What it never does'].map(heading =>
      tableRows(readText('SECURITY.md'), new RegExp(`^## ${heading}`)),
    );
    expect(claims.every(rows => rows.length > 2)).toBe(true);
    const bare = claims
      .flat()
      .filter(cells => !/\]\(tests\/[\w/.-]+\.test\.ts\)/.test(cells.at(-1) ?? ''))
      .map(([claim]) => claim);
    // Outside our protection: malicious plugins, and files that belong to others.
    expect(bare).toEqual([
      expect.stringContaining('malicious'),
      expect.stringContaining('The credentials of the tools'),
      expect.stringContaining('you put into the configuration'),
    ]);
  });
});

describe('package.json', () => {
  const targets: readonly string[] = [
    ...Object.values<string>(manifest.bin),
    ...Object.values<string | { readonly types: string; readonly default: string }>(manifest.exports).flatMap(target =>
      typeof target === 'string' ? [target] : Object.values(target),
    ),
  ];

  test.each(targets.filter(target => target.endsWith('.json')))('%s is there', target => {
    expect(existsSync(join(ROOT, target))).toBe(true);
  });

  test.each(targets.filter(target => !target.endsWith('.json')))('%s is built from an existing source', target => {
    expect(existsSync(join(ROOT, target.replace('/dist/', '/').replace(/(\.d\.ts|\.js)$/, '.ts')))).toBe(true);
  });

  test('has the first version of the changelog', () => {
    expect(/^## (\d+\.\d+\.\d+)/m.exec(readText('CHANGELOG.md'))?.[1]).toBe(manifest.version);
  });
});

/** A default of the table, written in TypeScript, as JSON. */
const asJson = (text: string): string => text.replaceAll("'", '"').replaceAll(/(\w+): /g, '"$1": ');
