import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { keepalive, temporaryFolder } from './run-cli.ts';

const has = (shell: string) => spawnSync(shell, ['-c', 'exit 0']).status === 0;
const missing = (shell: string) => (has(shell) ? '' : ', which is not installed here');

async function scriptFor(shell: string): Promise<string> {
  const { out } = await keepalive(['completion', shell]);
  const file = join(temporaryFolder(), `keepalive.${shell}`);
  writeFileSync(file, out);
  return file;
}

/** The values of a key. bash replaces only what follows the last = or : that was typed. */
const VALUES: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['set codex enabled=', ['enabled=false', 'enabled=true'], ['false', 'true']],
  ['set codex renewEarly=t', ['renewEarly=true'], ['true']],
  ['set codex schedule=da', ['schedule=daily:09:00'], ['daily:09:00']],
  ['set codex schedule=interval:', ['schedule=interval:30m'], ['30m']],
];

/** A typed line, and its completions. */
const CASES: readonly (readonly [string, readonly string[]])[] = [
  ['st', ['start', 'status', 'stop']],
  ['status ', ['claude', 'codex']],
  ['status claude ', []],
  ['refresh claude co', ['codex']],
  ['--home /tmp pause c', ['claude', 'codex']],
  ['config ', ['distrust', 'init', 'path', 'show', 'trust']],
  ['set codex enab', ['enabled=']],
  ['set codex enabled=true maxF', ['maxFailures=']],
  ['set codex backoff.i', ['backoff.initial=']],
  ['unset codex sch', ['schedule']],
  ['completion ', ['bash', 'fish', 'powershell', 'zsh']],
  ['add cod', ['codex']],
  ['remove c', ['claude', 'codex']],
  ['plan --fo', ['--for']],
  ['prompt --format i3', ['i3status-rust']],
  ['prompt --format way', ['waybar']],
  ['snippet star', ['starship']],
  ['history -n 5 cl', ['claude']],
  ['plugin test /etc/host', expect.arrayContaining(['/etc/hosts'])],
  ['exec --session claude -- basena', expect.arrayContaining(['basename'])],
  ['exec -- basename /etc/host', expect.arrayContaining(['/etc/hosts'])],
  ['exec --wa', ['--wait']],
  ['status --ho', ['--home', '--host']],
  ['--host st', []],
  ['status --host c', []],
];

describe.skipIf(!has('bash'))(`bash${missing('bash')}`, () => {
  test.each([...CASES, ...VALUES.map(([line, , inBash]) => [line, inBash] as const)])(
    'keepalive %s',
    async (line, expected) => {
      const out = execFileSync(
        'bash',
        [
          '--norc',
          '-c',
          `
      source "$1"
      keepalive() { echo claude codex; }
      COMP_WORDS=(keepalive $2)
      [[ $2 == *' ' ]] && COMP_WORDS+=('')
      COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
      _keepalive
      printf '%s\\n' "\${COMPREPLY[@]}"
    `,
          'bash',
          await scriptFor('bash'),
          line,
        ],
        { encoding: 'utf8' },
      );
      expect(out.split('\n').filter(Boolean).toSorted()).toEqual(expected);
    },
  );
});

describe.skipIf(!has('fish'))(`fish${missing('fish')}`, () => {
  test.each([...CASES, ...VALUES.map(([line, inFish]) => [line, inFish] as const)])(
    'keepalive %s',
    async (line, expected) => {
      const out = execFileSync(
        'fish',
        [
          '--no-config',
          '-c',
          `
      source $argv[1]
      function keepalive; echo claude codex; end
      complete -C "keepalive $argv[2]"
    `,
          await scriptFor('fish'),
          line,
        ],
        { encoding: 'utf8' },
      );
      expect(
        out
          .split('\n')
          .filter(Boolean)
          .map(candidate => candidate.split('\t')[0])
          .toSorted(),
      ).toEqual(expected);
    },
  );
});

/** A typed line, and the line that a shell runs once it has inserted the only candidate. */
const COMPLETED: readonly (readonly [string, string])[] = [
  ['stat', 'status'],
  ['config sh', 'config show'],
  ['refresh claude co', 'refresh claude codex'],
  ['--home /tmp pause co', '--home /tmp pause codex'],
  ['set codex enab', 'set codex enabled='],
  ['set codex enabled=f', 'set codex enabled=false'],
  ['set codex schedule=be', 'set codex schedule=before-expiry:5m'],
  ['plan --fo', 'plan --for'],
  ['prompt --format pol', 'prompt --format polybar'],
  ['snippet star', 'snippet starship'],
  ['plugin test /etc/hostn', 'plugin test /etc/hostname'],
  ['exec -- basena', 'exec -- basename'],
  ['exec -- basename /etc/hostn', 'exec -- basename /etc/hostname'],
];

describe.skipIf(!has('zsh'))(`zsh${missing('zsh')}`, () => {
  // One shell for all lines, because its completion takes a while to load. The line is run, and prints what it became.
  test('it completes what was typed', async () => {
    const out = execFileSync(
      'zsh',
      [
        '-f',
        '-c',
        `
      zmodload zsh/zpty
      zpty shell zsh -f -i
      zpty -w shell "PS1=; autoload -U compinit; compinit -D -u; source $1
      keepalive() { [[ \\$3 == *ids* ]] && echo claude codex || print -r -- \\"became <\\$*>\\" }"
      for line in "$@[2,-1]"; do
        zpty -w shell "keepalive $line"$'\\t'
        zpty -r shell output '*became <[^$]*>*'
        print -r -- "$output"
      done
    `,
        'zsh',
        await scriptFor('zsh'),
        ...COMPLETED.map(([line]) => line),
      ],
      { encoding: 'utf8', timeout: 50_000 },
    );
    const became = [...out.matchAll(/became <([^$]*?)>/g)].map(match => match[1]);
    expect(COMPLETED.map(([line], index) => [line, became[index]])).toEqual(COMPLETED);
  });
});

describe('PowerShell', () => {
  test('the script registers a completer with every command, its flags and its operands', async () => {
    const { out } = await keepalive(['completion', 'powershell']);
    expect(out).toContain('Register-ArgumentCompleter -Native -CommandName keepalive -ScriptBlock {');
    expect(out).toContain("'config' = @('show', 'path', 'trust', 'distrust', 'init')");
    expect(out).toMatch(
      /'set' = @{ Flags = @\(.*First = @\('<ids>'\); Further = @\(.*'enabled='.*'schedule=daily:09:00'/,
    );
    expect(out).toMatch(/'exec' = @{ .*First = @\('<programs>'\)/);
    expect(out).toMatch(/'prompt' = @{ .*Values = @{ '--format' = @\(.*'waybar'/);
  });

  test('every text is quoted, and brackets are in pairs', async () => {
    const { out } = await keepalive(['completion', 'powershell']);
    const code = out.replaceAll(/^\s*#.*$/gm, '').replaceAll(/'(?:[^']|'')*'|"[^"]*"/g, '');
    expect(code).not.toMatch(/['"`]/);
    for (const [open, close] of ['{}', '()', '[]'])
      expect(code.split(String(open)).length).toBe(code.split(String(close)).length);
  });
});

describe.skipIf(!has('pwsh'))(`PowerShell itself${missing('pwsh')}`, () => {
  // Without candidates of ours, it offers files.
  const offered = [...CASES, ...VALUES.map(([line, inPowerShell]) => [line, inPowerShell] as const)].filter(
    ([line, expected]) => expected.length > 0 && !line.includes('/etc/'),
  );
  test.each(offered)('keepalive %s', async (line, expected) => {
    const code = `
      Get-Content -Raw '${await scriptFor('powershell')}' | Invoke-Expression
      function keepalive { 'claude codex' }
      $line = 'keepalive ${line}'
      (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText`;
    const out = execFileSync('pwsh', ['-NoProfile', '-Command', code], { encoding: 'utf8' });
    expect(out.split(/\r?\n/).filter(Boolean).toSorted()).toEqual(expected);
  });
});
