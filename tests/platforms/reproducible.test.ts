import { createHash } from 'node:crypto';
import { cpSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { run, scratch } from '../support/platforms/programs.ts';
import { ROOT } from '../support/sources.ts';

const LEFT_OUT = /^(?:\.git|node_modules|dist.*|coverage)$/;

test('two builds in different folders, in another zone and language, are the same bytes', async () => {
  const folder = scratch('reproducible');
  const digest = async (name: string, env: Readonly<Record<string, string>>) => {
    const cwd = join(folder, name);
    cpSync(ROOT, cwd, { recursive: true, filter: source => !LEFT_OUT.test(basename(source)) || source === ROOT });
    // At the same depth, because the packed files name their sources by the way to them.
    symlinkSync(join(ROOT, 'node_modules'), join(cwd, 'node_modules'));
    const { stdout } = await run('sh', ['-c', 'umask 022 && npm pack --silent'], { cwd, env });
    const file = join(cwd, stdout.trim().split('\n').at(-1) ?? '');
    return createHash('sha256').update(readFileSync(file)).digest('hex');
  };
  const first = await digest('a', { TZ: 'UTC', LC_ALL: 'C', NODE_ENV: 'production' });
  const second = await digest('b folder', {
    TZ: 'Asia/Tokyo',
    LC_ALL: 'C.UTF-8',
    NODE_ENV: 'production',
  });
  expect(second).toBe(first);
});
