import { spawnSync } from 'node:child_process';
import { renameSync, rmSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { barHome, LINES } from '../../support/bars/home.ts';
import { KEEPALIVE, run, temporaryHome } from '../../support/daemon/daemon.ts';
import { readText } from '../../support/sources.ts';
import { SNIPPETS } from '../../../plugins/ui-cli/prompt/snippets.ts';
import { keepalive } from './run-cli.ts';

describe('keepalive snippet', () => {
  test('alone lists the tools', async () => {
    expect((await keepalive(['snippet'])).out.trim().split('\n')).toEqual(Object.keys(SNIPPETS));
  });

  test('refuses a tool that it does not know, and names those that it knows', async () => {
    for (const tool of ['powerline', 'constructor']) {
      const { exitCode, err } = await keepalive(['snippet', tool]);
      expect([exitCode, err]).toEqual([
        2,
        expect.stringContaining(`no snippet for "${tool}". There is one for bash, zsh`),
      ]);
    }
  });

  test.each(Object.entries(SNIPPETS))('%s differs from %s only in the command', async (tool, file) => {
    const { out } = await keepalive(['snippet', tool], { env: { KEEPALIVE_HOME: '/home/me/ka' } });
    const command = new RegExp(`/[\\w./-]+ ${process.argv[1]} (prompt|ui) --home /home/me/ka`, 'g');
    expect(out).not.toContain('keepalive prompt');
    expect(out.replaceAll(command, 'keepalive $1')).toBe(readText(`docs/snippets/${file}`));
  });

  test('runs where the PATH has neither Node nor keepalive, for the same home, also with a space in it', async () => {
    const { home } = barHome('login');
    const spaced = `${home} of mine`;
    renameSync(home, spaced);
    onTestFinished(() => rmSync(spaced, { recursive: true }));
    const { stdout } = await run(KEEPALIVE, ['snippet', 'xbar'], temporaryHome(), { KEEPALIVE_HOME: spaced });
    const bar = spawnSync('/bin/sh', ['-c', stdout], { env: { PATH: '/nowhere' }, encoding: 'utf8' });
    expect([bar.stdout.split('\n')[0], bar.stderr]).toEqual([`${LINES.login} | color=#f85149`, '']);
    expect(bar.stdout).toContain(`--home param5="${spaced}"`);
  });
});
