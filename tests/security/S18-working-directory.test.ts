import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createWhich } from '../../runtime/capabilities/which.ts';
import { absoluteFolders, neverSearchHere } from '../../sdk/system/search-path.ts';
import { readStates } from '../../plugins/ui-cli/prompt/states-file.ts';
import { KEEPALIVE, run, temporaryHome } from '../support/daemon/daemon.ts';

const HAS_BASH = spawnSync('bash', ['-c', 'true']).status === 0;

/** A folder with programs that leave a mark when they are run. */
function planted(...names: readonly string[]): { readonly folder: string; readonly ran: () => readonly string[] } {
  const folder = temporaryHome({ 'home/.keep': '', 'ran/.keep': '' });
  for (const name of names) {
    writeFileSync(join(folder, name), `#!/bin/sh\n: > ${join(folder, 'ran', name)}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return { folder, ran: () => readdirSync(join(folder, 'ran')).filter(name => name !== '.keep') };
}

describe('S18: programs are searched in absolute paths only', () => {
  test.each([
    ['/usr/bin:/bin', ['/usr/bin', '/bin']],
    ['', []],
    [':', []],
    [':/bin', ['/bin']],
    ['/bin:', ['/bin']],
    ['/bin::/sbin', ['/bin', '/sbin']],
    ['.', []],
    ['.:/bin', ['/bin']],
    ['bin:./bin:../bin:/bin', ['/bin']],
    ['~/bin:/bin', ['/bin']],
    ['"/opt/a b/bin":/bin', ['/opt/a b/bin', '/bin']],
  ])('%j', (path, folders) => {
    expect(absoluteFolders(path.replaceAll(':', delimiter))).toEqual(folders);
  });

  test.each(['', '.', ':', 'RELATIVE', '.:/usr/bin'])(
    'with PATH=%j no program of the working directory is found or run',
    async given => {
      const { folder } = planted('acme-planted');
      const here = process.cwd();
      try {
        process.chdir(folder);
        const path = given === 'RELATIVE' ? relative(dirname(folder), folder) : given;
        expect(await createWhich({ PATH: path, HOME: '' })('acme-planted')).toBeUndefined();
        const env: Record<string, string | undefined> = { PATH: path };
        neverSearchHere(env);
        expect(spawnSync('acme-planted', { env, cwd: folder }).error).toMatchObject({ code: 'ENOENT' });
      } finally {
        process.chdir(here);
      }
    },
  );

  test('control: without this rule it is run', () => {
    const { folder, ran } = planted('acme-planted');
    spawnSync('acme-planted', { env: { PATH: '.' }, cwd: folder });
    expect(ran()).toEqual(['acme-planted']);
  });

  test.skipIf(process.platform !== 'linux')(
    'the command line and its kernel run nothing from the working directory',
    async () => {
      const names = [
        'systemctl',
        'loginctl',
        'claude',
        'codex',
        'gemini',
        'xdg-open',
        'sh',
        'ps',
        'notify-send',
        'node',
      ];
      const { folder, ran } = planted(...names);
      const env = {
        KEEPALIVE_HOME: join(folder, 'home'),
        HOME: join(folder, 'home'),
        PATH: `.::${relative('/', folder)}`,
        DISPLAY: ':0',
      };
      for (const args of [['service', 'status'], ['doctor'], ['check', '--refresh'], ['ui']])
        await run(KEEPALIVE, args, folder, env);
      expect(ran()).toEqual([]);
    },
  );
});

const CRAFTED = [
  '$(touch ran)',
  '`touch ran`',
  '${x:=$(touch ran)}',
  '<(touch ran)',
  "'; touch ran; '",
  'a b',
  '*',
  '-x',
  '\u001b[31m',
  '~root',
  '',
  '__proto__',
  'x'.repeat(65),
];
const record = { displayName: 'X', state: { name: 'alive', wakeAt: 1, wakeWhy: '' } };

describe('S18: a crafted state file', () => {
  const crafted = () =>
    temporaryHome({
      'home/states.json': JSON.stringify({
        version: 1,
        sessions: Object.fromEntries([...CRAFTED, 'claude', 'my.acme-2'].map(id => [id, record])),
      }),
    });

  test('invalid ids are left out', () => {
    expect(Object.keys(readStates(join(crafted(), 'home/states.json'))?.sessions ?? {})).toEqual([
      'claude',
      'my.acme-2',
    ]);
  });

  const complete = (
    folder: string,
    keepalive: string,
  ): { readonly choices: readonly string[]; readonly ran: boolean } => {
    const { stdout: script } = spawnSync(process.execPath, [KEEPALIVE, 'completion', 'bash'], {
      encoding: 'utf8',
      env: { KEEPALIVE_HOME: join(folder, 'home'), HOME: folder },
    });
    const lines = `keepalive() { ${keepalive} "$@"; }
${script}
COMP_WORDS=(keepalive pause '') COMP_CWORD=2
_keepalive
printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = spawnSync('bash', ['--norc', '-c', lines], {
      encoding: 'utf8',
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: folder, KEEPALIVE_HOME: join(folder, 'home') },
    });
    return { choices: stdout.split('\n').filter(Boolean), ran: existsSync(join(folder, 'ran')) };
  };

  test.skipIf(!HAS_BASH)(
    `completion in a real bash offers the other ids and runs nothing${HAS_BASH ? '' : ' (skipped: no bash)'}`,
    () => {
      expect(complete(crafted(), `${process.execPath} ${KEEPALIVE}`)).toEqual({
        choices: ['claude', 'my.acme-2'],
        ran: false,
      });
    },
  );

  test.skipIf(!HAS_BASH)('completion evaluates none of its input', () => {
    const { choices, ran } = complete(crafted(), `echo '$(touch ran) \`touch ran\` * \${x:=$(touch ran)} claude'; :`);
    expect(ran).toBe(false);
    expect(choices).toContain('claude');
    expect(choices).toContain('*');
  });

  test.skipIf(!HAS_BASH)('control: compgen -W runs it', () => {
    const folder = temporaryHome();
    spawnSync('bash', ['--norc', '-c', `compgen -W '$(touch ran)' -- ''`], { cwd: folder });
    expect(existsSync(join(folder, 'ran'))).toBe(true);
  });
});
