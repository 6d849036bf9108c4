import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { environment, KEEPALIVE, temporaryHome } from '../../support/daemon/daemon.ts';

/** The files that a command loads, from V8's coverage. */
function loadedBy(...args: readonly string[]): readonly string[] {
  const home = temporaryHome();
  const coverage = join(home, 'coverage');
  spawnSync(process.execPath, [KEEPALIVE, ...args], { env: environment(home, { NODE_V8_COVERAGE: coverage }) });
  return readdirSync(coverage).flatMap(name => {
    const { result } = JSON.parse(readFileSync(join(coverage, name), 'utf8'));
    return (result as readonly { readonly url: string }[]).map(({ url }) => url);
  });
}

const isSchema = (url: string): boolean => /zod|-schema\.js$/.test(url);

// A prompt is drawn before every command of a shell, and schemas take longer to load than the prompt itself.
test.each(['prompt', 'status', 'completion bash'])('keepalive %s loads no schemas', command => {
  const loaded = loadedBy(...command.split(' '));
  expect(loaded.filter(url => url.startsWith('file:')).length).toBeGreaterThan(5);
  expect(loaded.filter(isSchema)).toEqual([]);
});

test('control: a command that validates loads them', () => {
  expect(loadedBy('set', 'codex', 'retries=5').filter(isSchema)).not.toEqual([]);
});
