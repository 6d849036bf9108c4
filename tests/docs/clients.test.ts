import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../support/sources.ts';

const file = (name: string): string => join(ROOT, 'docs/clients', name);
const OLD_SYNTAX = 'import ast, sys; ast.parse(open(sys.argv[1]).read(), feature_version=(3, 8))';

const CHECKS: readonly (readonly [program: string, args: readonly string[], expected: RegExp])[] = [
  ['python3', ['-c', OLD_SYNTAX, file('keepalive.py')], /^$/],
  ['mypy', ['--strict', '--python-version', '3.8', '--cache-dir', '/dev/null', file('keepalive.py')], /^Success/],
  ['pyflakes3', [file('keepalive.py')], /^$/],
  ['shellcheck', [file('keepalive.sh')], /^$/],
  ['gofmt', ['-l', file('keepalive.go')], /^$/],
  ['go', ['vet', file('keepalive.go')], /^$/],
];

for (const [program, args, expected] of CHECKS) {
  const absent = spawnSync(program, ['--version']).error !== undefined;
  test.skipIf(absent)(`docs/clients passes ${program}${absent ? ' (skipped: it is not installed)' : ''}`, () => {
    const { stdout, stderr } = spawnSync(program, [...args], { encoding: 'utf8' });
    expect(stdout + stderr).toMatch(expected);
  });
}
