import { execFileSync } from 'node:child_process';
import { posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PACKED_PACKAGES } from '../build/packed-packages.ts';
import { circlesIn, foldersOf, type Imports } from './support/circles.ts';
import {
  benchSources,
  filesBelow,
  isSyntax,
  readText,
  ROOT,
  sources,
  toSource,
  type Source,
  type Syntax,
} from './support/sources.ts';

type Part = {
  readonly files: RegExp;
  readonly ours: readonly string[];
  readonly npm: readonly string[] | 'dependencies';
  readonly never?: readonly string[];
};

/** The first match applies. `$1` is the plugin's own folder. */
const PARTS: readonly Part[] = [
  { files: /^sdk\/client\//, ours: ['sdk/'], npm: ['json-rpc-2.0', 'ws'] },
  { files: /^sdk\/config-file\/import-file\.ts$/, ours: [], npm: ['jiti'] },
  // The tray and the desktop notifier share it, and may not import each other.
  { files: /^sdk\/system\/session-bus\.ts$/, ours: ['sdk/'], npm: ['@jellybrick/dbus-next'] },
  {
    files: /^sdk\/contract\//,
    ours: ['sdk/contract/', 'sdk/base/'],
    npm: ['zod', 'croner'],
  },
  { files: /^sdk\/recipes\//, ours: ['sdk/'], npm: ['openid-client', 'tough-cookie', 'execa'] },
  { files: /^sdk\/wording\//, ours: ['sdk/wording/', 'sdk/contract/', 'sdk/base/'], npm: [] },
  { files: /^sdk\//, ours: ['sdk/'], npm: [] },
  { files: /^runtime\//, ours: ['runtime/', 'sdk/'], npm: 'dependencies', never: ['tsyringe', 'reflect-metadata'] },
  { files: /^server\//, ours: ['server/', 'runtime/', 'sdk/'], npm: ['ws', 'json-rpc-2.0', 'p-limit', 'zod'] },
  { files: /^lifecycle\//, ours: ['lifecycle/', 'sdk/'], npm: ['croner'] },
  { files: /^config\//, ours: ['config/', 'runtime/', 'sdk/'], npm: ['cosmiconfig', 'zod'] },
  { files: /^state\//, ours: ['state/', 'lifecycle/', 'server/', 'runtime/', 'sdk/'], npm: ['tsyringe', 'zod'] },
  {
    files: /^kernel\//,
    ours: ['kernel/', 'lifecycle/', 'config/', 'state/', 'server/', 'runtime/', 'sdk/'],
    npm: 'dependencies',
  },
  {
    files: /^(plugins\/ui-web\/page\/)/,
    ours: ['$1', 'sdk/'],
    npm: ['preact', 'preact/hooks', 'uqr'],
    never: ['sdk/recipes/', 'sdk/client/client.ts', 'sdk/system/home.ts'],
  },
  // It is packed with all that it loads, and the editor provides its API.
  { files: /^(plugins\/ui-vscode\/)/, ours: ['$1', 'sdk/'], npm: ['vscode'], never: ['sdk/recipes/'] },
  {
    files: /^(plugins\/ui-[^/]+\/)/,
    ours: ['$1', 'sdk/'],
    npm: 'dependencies',
    never: ['sdk/recipes/', 'tsyringe', 'reflect-metadata'],
  },
  {
    files: /^(plugins\/[^/]+\/)/,
    ours: ['$1', 'sdk/'],
    npm: 'dependencies',
    never: ['sdk/client/client.ts', 'tsyringe', 'reflect-metadata'],
  },
];

/** They cost start-up time, so they are imported when they are needed. */
const HEAVY = [
  '@jellybrick/dbus-next',
  'openid-client',
  'tough-cookie',
  'execa',
  'undici',
  'ps-list',
  'jiti',
  'koffi',
  'nodemailer',
  'pg',
];
/** They may import them, for they are themselves imported only on their platform, or for a user with a proxy. */
const LATE = /^(plugins\/ui-tray\/(linux|windows)\/|runtime\/capabilities\/proxied-fetch\.ts$)/;

/** Values that come from outside and get a type after a check. */
const BOUNDARIES = [
  'runtime/worker/protocol.ts',
  'runtime/load-module.ts',
  'runtime/capabilities/proxied-fetch.ts',
  'sdk/client/client.ts',
  'sdk/client/create-client.ts',
  'sdk/contract/errors.ts',
  'sdk/testing/contract.ts',
  'sdk/testing/frontend.ts',
];

/** This machine, and names of formats that are never requested. */
const ADDRESSES = ['127.0.0.1', 'schemas.microsoft.com', 'www.apple.com'];

/** The hosts that the plugin of this file declares: `export const hosts = ['…']` in its index.ts. */
function hostsOf(file: string): readonly string[] {
  const [folder] = /^plugins\/[^/]+\//.exec(file) ?? [];
  const { text = '' } = all.find(source => source.file === `${folder}index.ts`) ?? {};
  const [, declared = ''] = /^export const hosts = \[([^\]]*)\];$/m.exec(text) ?? [];
  return [...declared.matchAll(/'([^']+)'/g)].map(([, host = '']) => host);
}

/** The parts of the transition. */
const TRANSITION = ['transition', 'apply-result', 'credential', 'ends', 'preview', 'retime', 'states'].map(
  name => `lifecycle/${name}.ts`,
);

/** Words without meaning in a name, and where one of them is the standard term. */
const EMPTY_WORDS: Readonly<Record<string, RegExp | undefined>> = {
  manager: undefined,
  helper: undefined,
  helpers: undefined,
  util: undefined,
  utils: undefined,
  impl: undefined,
  abstract: undefined,
  engine: undefined,
  handler: undefined,
  handlers: /^(kernel\/rpc|sdk\/contract)\//,
  service: /^plugins\/ui-cli\//,
};

const MIN_LINES = 15;

/** The files with fewer lines, and why each is a file. */
const SHORT_FILES: Readonly<Record<string, string>> = {
  'sdk/base/time-limit.ts': 'what the runtime, recipes and plugins use against one fault of Node 20',
  'runtime/worker/main.ts': 'an entry point',
  'sdk/contract/api-version.ts': 'what the client has without the types of plugins',
  'sdk/wording/refused-start.ts': 'what the kernel logs and the command line searches for',
  'sdk/config-file/module-path.ts': 'what the runtime and the command line mean by a path',
  'plugins/ui-web/page/main.tsx': 'an entry point',
  'sdk/system/young-space.ts': 'two functions that are loaded before anything else',
  'plugins/notify-desktop/desktop.ts': 'an interface that three platforms implement',
  'plugins/ui-cli/commands/see/events.ts': 'a command, which is loaded when it is used',
  'plugins/ui-cli/watch/load-overview.ts': 'what commands and the live table load',
  'sdk/base/aborted.ts': 'a function without imports that the frontends use',
  'sdk/base/cleanup.ts': 'a type that every room uses',
  'sdk/base/errno.ts': 'a function without imports that every room uses',
  'sdk/base/json.ts': 'a function without imports that every room uses',
  'sdk/base/plugin-id.ts': 'a function without imports that the contract and the runtime use',
  'plugins/ui-cli/processes/kernel-main.ts': 'an address, without the code that starts it',
  'sdk/base/command-words.ts': 'a function without imports that two providers use',
  'sdk/base/shell-word.ts': 'a function without imports that the wording and a provider use',
  'sdk/base/unreachable.ts': 'a function without imports that every room uses',
  'sdk/client/channel.ts': 'an interface that a WebSocket, IPC and tests implement',
  'sdk/plugin/config.ts': 'the public types of a configuration file',
  'sdk/plugin/logger.ts': 'a public type that all kinds of plugins use',
  'sdk/plugin/plugin.ts': 'the union of all kinds of plugins, which each have a file',
  'sdk/wording/shared-login.ts': 'a text that attempts, doctor and notices share',
};

const isShort = (text: string): boolean => text.trimEnd().split('\n').length < MIN_LINES;

/** Files of plugins that check what a user typed against the contract, or list what is in it. */
const VALIDATES =
  /^plugins\/(?:deadline\/|warmup\/(?:options|state)\.ts$|ui-cli\/(?:policy\/|commands\/act\/rpc\.ts$))/;

const { dependencies }: Readonly<Record<string, Readonly<Record<string, string>>>> = JSON.parse(
  readText('package.json'),
);
/** What the code may import: what is installed with it, and what is packed into it. */
const available = new Set([...Object.keys(dependencies ?? {}), ...PACKED_PACKAGES]);

type Rule = {
  readonly name: string;
  /** Whether the benchmarks keep it too. */
  readonly inBench?: true;
  /** The breaches of the rule in this file. */
  readonly broken: (source: Source) => readonly string[];
  /** Code that breaks the rule, and the file that it would be in. */
  readonly samples: readonly (readonly [file: string, text: string])[];
};

const RULES: readonly Rule[] = [
  {
    name: 'a part imports only what it may',
    broken: ({ file, imports }) => imports.filter(module => !module.startsWith('node:') && !mayImport(file, module)),
    samples: [
      ['sdk/plugin/provider.ts', "import { z } from 'zod';"],
      ['sdk/system/home.ts', "await import('@jellybrick/dbus-next');"],
      ['sdk/client/client.ts', "import x from '../../runtime/log/log.ts';"],
      ['kernel/a.ts', "export * from '../plugins/codex/index.ts';"],
      ['kernel/a.ts', "import 'vitest';"],
      ['runtime/a.ts', "import { x } from '../kernel/wiring/tokens.ts';"],
      ['server/a.ts', "import { x } from '../kernel/wiring/tokens.ts';"],
      ['runtime/a.ts', "import { x } from '../server/listener.ts';"],
      ['plugins/codex/a.ts', "import type { X } from '../oauth/index.ts';"],
      ['plugins/codex/a.ts', "import { inject } from 'tsyringe';"],
      ['plugins/codex/a.ts', "await import('../../sdk/client/client.ts');"],
      ['plugins/ui-web/page/a.tsx', "import { connect } from '../../../sdk/client/client.ts';"],
      ['plugins/ui-vscode/a.ts', "import pino from 'pino';"],
      ['plugins/ui-cli/a.ts', "import * as vscode from 'vscode';"],
      ['plugins/ui-cli/a.ts', "import { redeem } from '../../sdk/recipes/oauth/redeem.ts';"],
      ['plugins/ui-cli/a.ts', "type Log = import('../../runtime/log/log.ts').KernelLog;"],
      ['plugins/codex/a.ts', "import fs from 'fs';"],
    ],
  },
  {
    name: 'a plugin loads the schemas of the contract only to validate, or to list its methods',
    broken: ({ file, syntax }) =>
      !file.startsWith('plugins/') || VALIDATES.test(file)
        ? []
        : valueImports(syntax)
            .map(module => posix.join(posix.dirname(file), module))
            .filter(target => loadsSchemas(target)),
    samples: [
      ['plugins/ui-web/page/a.tsx', "import { policySchema } from '../../../sdk/contract/policy-schema.ts';"],
      ['plugins/ui-cli/commands/a.ts', "import { isRefreshOutcome } from '../../../sdk/contract/outcome.ts';"],
      ['plugins/codex/a.ts', "export { METHODS } from '../../sdk/contract/rpc-schema.ts';"],
      ['plugins/codex/a.ts', "await import('../../sdk/contract/session-schema.ts');"],
    ],
  },
  {
    name: 'a relative import names the file, with .ts, .css or .json',
    inBench: true,
    broken: ({ imports }) => imports.filter(module => module.startsWith('.') && !/\.(?:tsx?|css|json)$/.test(module)),
    samples: [
      ['sdk/a.ts', "import './duration';"],
      ['sdk/a.ts', "import './duration.js';"],
    ],
  },
  {
    name: 'a heavy package is imported when it is needed',
    broken: ({ file, syntax }) =>
      LATE.test(file)
        ? []
        : syntax
            .filter(node => node.type === 'ImportDeclaration' && node['importKind'] !== 'type')
            .map(moduleOf)
            .filter(module => HEAVY.includes(module)),
    samples: [['kernel/a.ts', "import { execa } from 'execa';"]],
  },
  {
    name: 'the wording loads nothing that a browser page cannot: of the contract only types, and no node: module',
    broken: ({ file, syntax }) =>
      !file.startsWith('sdk/wording/')
        ? []
        : syntax
            .filter(node => node.type === 'ImportDeclaration' && node['importKind'] !== 'type')
            .map(moduleOf)
            .filter(module => /^node:|\/contract\//.test(module)),
    samples: [
      ['sdk/wording/a.ts', "import { isExpired } from '../contract/session.ts';"],
      ['sdk/wording/a.ts', "import { inspect } from 'node:util';"],
    ],
  },
  {
    name: 'the life of a session is pure: no clock, no chance, no system',
    broken: ({ file, text, imports }) =>
      file.startsWith('lifecycle/')
        ? [
            ...imports.filter(module => module.startsWith('node:') && module !== 'node:crypto'),
            ...(text.match(/Date\.now\(|new Date\(\)|Math\.random|\bset(Timeout|Interval)\(|process\.(?!env)/g) ?? []),
          ]
        : [],
    samples: [
      ['lifecycle/timing.ts', 'const now = Date.now();'],
      ['lifecycle/retime.ts', 'const jitter = Math.random();'],
      ['lifecycle/plan.ts', "import { readFileSync } from 'node:fs';"],
    ],
  },
  {
    name: 'only the assembly uses the container',
    broken: ({ file, syntax }) =>
      file === 'kernel/start/assembly.ts' ? [] : syntax.filter(isResolve).map(() => '.resolve(Token)'),
    samples: [['kernel/session/keeper.ts', 'const events = container.resolve(Events);']],
  },
  {
    name: 'only the transition changes a session’s record',
    broken: ({ file, syntax }) =>
      !/^(kernel|lifecycle|state)\//.test(file) || TRANSITION.includes(file)
        ? []
        : syntax.flatMap(node => writtenRecord(node) ?? []),
    samples: [
      ['kernel/session/keeper.ts', 'this.#record = { ...this.#record, lastAttempt };'],
      ['kernel/session/keeper.ts', 'this.#record = withLogin(this.#record, login);'],
      ['kernel/session/sessions.ts', 'store.put(id, { ...keeper.record, login });'],
      ['kernel/rpc/methods/session.ts', 'const shown = { ...record, state };'],
      ['kernel/session/attempt.ts', 'Object.assign(record, { fingerprint });'],
    ],
  },
  {
    name: 'no any, no !, and double casts only at a boundary',
    inBench: true,
    broken: ({ file, syntax }) => syntax.flatMap(node => escapeOf(node, BOUNDARIES.includes(file)) ?? []),
    samples: [
      ['sdk/client/client.ts', 'let x: any;'],
      ['sdk/client/client.ts', 'x!.y();'],
      ['kernel/a.ts', 'x as unknown as Y;'],
      ['kernel/a.ts', 'f(x as never);'],
      ['kernel/a.ts', '<Y>x;'],
    ],
  },
  {
    name: 'sdk and plugins use erasable syntax only',
    broken: ({ file, syntax }) =>
      /^(kernel|lifecycle|runtime|server|config|state)\//.test(file)
        ? []
        : syntax.map(({ type }) => type).filter(type => NOT_ERASABLE.includes(type)),
    samples: [
      ['sdk/a.ts', 'enum A {}'],
      ['plugins/a/b.ts', 'class A { constructor(private b: string) {} }'],
      ['plugins/a/b.ts', '@inject() class A {}'],
      ['sdk/a.ts', 'namespace A { export const b = 1; }'],
    ],
  },
  {
    name: 'names contain no empty words',
    inBench: true,
    broken: ({ file, syntax }) =>
      [posix.basename(file, '.ts'), ...syntax.flatMap(declaredName)].filter(name => isEmptyName(name, file)),
    samples: [
      ['kernel/session-manager.ts', ''],
      ['kernel/a.ts', 'class TokenService {}'],
      ['plugins/a/b.ts', 'const dateUtils = 1;'],
      ['sdk/a.ts', 'interface IProvider {}'],
      ['sdk/a.ts', 'abstract class A {}'],
    ],
  },
  {
    name: 'certificates are always verified',
    inBench: true,
    broken: ({ text }) => text.match(/rejectUnauthorized|NODE_TLS_REJECT_UNAUTHORIZED|checkServerIdentity/g) ?? [],
    samples: [
      ['kernel/a.ts', 'new Agent({ rejectUnauthorized: false });'],
      ['plugins/a/b.ts', "env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' }"],
    ],
  },
  {
    name: 'no address is built in but those that a plugin declares as hosts of its vendor',
    broken: ({ file, text }) =>
      [...text.matchAll(/\bhttps?:\/\/([\w-]+(?:\.[\w-]+)+)/g)].flatMap(([, host = '']) =>
        [...ADDRESSES, ...hostsOf(file)].includes(host) ? [] : [host],
      ),
    samples: [
      ['kernel/a.ts', "fetch('https://telemetry.example/');"],
      ['plugins/codex/a.ts', "const url = 'http://updates.example.com';"],
      ['plugins/codex/a.ts', "const url = 'https://platform.claude.com/';"],
      ['sdk/a.ts', "const url = 'https://auth.openai.com/';"],
    ],
  },
  {
    name: 'only the screen writes to the terminal, so that all text is filtered',
    broken: ({ file, text }) =>
      !/^plugins\/ui-cli\/(?!context\/screen\.ts|main\.ts)/.test(file)
        ? []
        : (text.match(/\b(out|err|stdout|stderr)\.write\(|\bconsole\./g) ?? []),
    samples: [
      ['plugins/ui-cli/commands/a.ts', 'process.stdout.write(text);'],
      ['plugins/ui-cli/cli.ts', 'world.err.write(text);'],
      ['plugins/ui-cli/a.ts', 'console.log(1);'],
    ],
  },
  {
    name: `a file has at least ${MIN_LINES} lines, except for those in the list`,
    broken: ({ file, text }) => (isShort(text) && SHORT_FILES[file] === undefined ? ['too short'] : []),
    samples: [['kernel/a.ts', "export type { B } from './b.ts';"]],
  },
  {
    name: 'there are no TODO comments',
    inBench: true,
    broken: ({ text }) => text.match(/\b(TODO|FIXME|XXX|HACK)\b/g) ?? [],
    samples: [['sdk/a.ts', '// TODO: the rest']],
  },
];

const all = sources();
const bench = benchSources();
const byFile = new Map(all.map(source => [source.file, source]));

describe.each(RULES)('$name', ({ broken, samples, inBench }) => {
  test('everywhere', () => {
    expect(all.length).toBeGreaterThan(100);
    expect(bench.length).toBeGreaterThan(10);
    const covered = inBench ? [...all, ...bench] : all;
    expect(covered.flatMap(source => broken(source).map(what => `${source.file}: ${what}`))).toEqual([]);
  });

  test.each(samples)('a breach planted in %s is found', (file, text) => {
    expect(broken(toSource(file, text))).not.toEqual([]);
  });
});

test('the list of short files names only short files', () => {
  const short = all.filter(({ text }) => isShort(text)).map(({ file }) => file);
  expect(Object.keys(SHORT_FILES).filter(file => !short.includes(file))).toEqual([]);
});

describe('no circles', () => {
  const files = importsOf(all);

  test('of files', () => expect(circlesIn(files)).toEqual([]));

  test('of files of the benchmarks', () => expect(circlesIn(importsOf(bench))).toEqual([]));

  test('of folders', () => expect(circlesIn(foldersOf(files, posix.dirname))).toEqual([]));

  test('a planted circle is found', () => {
    const planted = importsOf([
      toSource('a/one.ts', "import { two } from '../b/two.ts';"),
      toSource('b/two.ts', "export type * from '../a/other.ts';"),
      toSource('a/other.ts', "import { one } from './one.ts';"),
    ]);
    expect(circlesIn(planted)).toEqual([['a/one.ts', 'a/other.ts', 'b/two.ts']]);
    expect(circlesIn(foldersOf(planted, posix.dirname))).toEqual([['a', 'b']]);
  });
});

test('`npm run check` compiles the type tests', () => {
  const compiled = execFileSync(
    process.execPath,
    [`${ROOT}node_modules/typescript/bin/tsc`, '-p', ROOT, '--listFilesOnly'],
    { encoding: 'utf8' },
  );
  const typeTests = filesBelow('tests/types');
  expect(typeTests.length).toBeGreaterThan(0);
  expect(typeTests.filter(file => !compiled.includes(file))).toEqual([]);
});

function importsOf(sources: readonly Source[]): Imports {
  const known = new Set(sources.map(({ file }) => file));
  return new Map(
    sources.map(({ file, imports }) => {
      const targets = imports.map(module => posix.join(posix.dirname(file), module));
      return [file, new Set(targets.filter(target => known.has(target)))];
    }),
  );
}

function mayImport(file: string, module: string): boolean {
  const part = PARTS.find(({ files }) => files.test(file));
  if (!part) return false;
  const own = part.files.exec(file)?.[1] ?? '';
  const target = module.startsWith('.') ? posix.join(posix.dirname(file), module) : module;
  if (part.never?.some(prefix => target.startsWith(prefix))) return false;
  if (module.startsWith('.')) return part.ours.some(prefix => target.startsWith(prefix.replace('$1', own)));
  return part.npm === 'dependencies' ? available.has(module) : part.npm.includes(module);
}

/** The modules that are loaded at run time: not those of which only types are imported. */
const valueImports = (syntax: readonly Syntax[]): readonly string[] =>
  syntax.filter(isValueImport).map(moduleOf).filter(Boolean);

function isValueImport({ importKind, exportKind, specifiers, type }: Syntax): boolean {
  if (importKind === 'type' || exportKind === 'type') return false;
  if (type !== 'ImportDeclaration' || !Array.isArray(specifiers) || specifiers.length === 0) return true;
  return specifiers.some(specifier => isSyntax(specifier) && specifier['importKind'] !== 'type');
}

/** Whether loading a file of the sdk loads zod. */
function loadsSchemas(file: string, seen: ReadonlySet<string> = new Set()): boolean {
  const source = byFile.get(file);
  if (!source || !file.startsWith('sdk/contract/') || seen.has(file)) return false;
  const modules = valueImports(source.syntax);
  const inner = modules.map(module => posix.join(posix.dirname(file), module));
  return modules.includes('zod') || inner.some(target => loadsSchemas(target, new Set([...seen, file])));
}

const moduleOf = ({ source }: Syntax): string => (isSyntax(source) ? String(source['value']) : '');

/** A call of a method `resolve` with a token. Tokens begin with a capital. */
function isResolve({ type, callee, arguments: given }: Syntax): boolean {
  if (type !== 'CallExpression' || !isSyntax(callee) || callee.type !== 'MemberExpression' || !Array.isArray(given))
    return false;
  return nameOf(callee['property']) === 'resolve' && /^[A-Z]/.test(nameOf(given[0]) ?? '');
}

/** A copy of a session's record with other members, or an assignment of a record that the transition did not make. */
function writtenRecord({ type, argument, left, right, callee, arguments: given }: Syntax): string | undefined {
  if (type === 'SpreadElement' && isRecordName(argument)) return '{ ...record }';
  if (type === 'CallExpression' && memberOf(callee) === 'assign' && Array.isArray(given) && isRecordName(given[0]))
    return 'Object.assign(record)';
  if (type !== 'AssignmentExpression' || !isRecordName(left) || !isSyntax(left) || left.type !== 'MemberExpression')
    return undefined;
  const maker = isSyntax(right) && right.type === 'CallExpression' ? nameOf(right['callee']) : undefined;
  return maker === 'transition' || maker === 'initialRecord' ? undefined : 'record = …';
}

const isRecordName = (node: unknown): boolean =>
  ['record', 'remembered'].includes(nameOf(node) ?? memberOf(node) ?? '');

const memberOf = (node: unknown): string | undefined =>
  isSyntax(node) && node.type === 'MemberExpression' ? nameOf(node['property']) : undefined;

function escapeOf({ type, expression, typeAnnotation }: Syntax, atBoundary: boolean): string | undefined {
  if (type === 'TSAnyKeyword') return 'any';
  if (type === 'TSNonNullExpression') return '!';
  if (type === 'TSTypeAssertion') return '<T>';
  if (type !== 'TSAsExpression' || atBoundary) return undefined;
  if (isSyntax(expression) && expression.type === 'TSAsExpression') return 'as … as';
  return isSyntax(typeAnnotation) && typeAnnotation.type === 'TSNeverKeyword' ? 'as never' : undefined;
}

const NOT_ERASABLE = [
  'TSEnumDeclaration',
  'TSParameterProperty',
  'Decorator',
  'TSModuleDeclaration',
  'TSImportEqualsDeclaration',
  'TSExportAssignment',
];

/** The name that a declaration introduces, and `abstract` if it is abstract. */
function declaredName({ type, id, abstract }: Syntax): readonly string[] {
  const isDeclaration = type.endsWith('Declaration') || type === 'VariableDeclarator';
  const name = isDeclaration ? nameOf(id) : undefined;
  if (name === undefined) return [];
  return [
    type === 'TSInterfaceDeclaration' && /^I[A-Z][a-z]/.test(name) ? 'abstract' : name,
    ...(abstract === true ? ['abstract'] : []),
  ];
}

const nameOf = (node: unknown): string | undefined =>
  isSyntax(node) && typeof node['name'] === 'string' ? node['name'] : undefined;

const isEmptyName = (name: string, file: string): boolean =>
  name
    .split(/(?=[A-Z])|[-_.]/)
    .some(word => Object.hasOwn(EMPTY_WORDS, word.toLowerCase()) && !EMPTY_WORDS[word.toLowerCase()]?.test(file));
