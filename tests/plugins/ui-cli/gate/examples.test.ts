import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../run-cli.ts';
import { readText, ROOT } from '../../../support/sources.ts';

// The examples of docs/jobs.md, with a keepalive and a claude that record how they are called.

const JOBS = join(ROOT, 'docs/jobs');
const has = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
const NO_SYSTEMD = has('systemd-analyze') ? '' : ', but systemd-analyze is not installed here';

let folder = '';
beforeEach(() => {
  folder = temporaryFolder();
  mkdirSync(join(folder, 'project'));
  // As the real one: `exec` becomes the command behind `--`, if the gate is open.
  program('keepalive', 'echo "keepalive $*" >>"$CALLS"; [ "$CODE" = 0 ] || exit "$CODE"; [ "$1" = exec ] || exit 0', [
    'while [ "$1" != -- ]; do shift; done; shift; exec "$@"',
  ]);
  program('claude', 'echo "claude $*" >>"$CALLS"');
});

function program(name: string, script: string, more: readonly string[] = []): void {
  writeFileSync(join(folder, name), ['#!/bin/sh', script, ...more, ''].join('\n'), { mode: 0o755 });
}

function run(file: string, args: readonly string[], code = 0, env: Readonly<Record<string, string>> = {}) {
  const calls = join(folder, 'calls');
  const { status, stdout, stderr } = spawnSync(file, args, {
    encoding: 'utf8',
    env: { PATH: `${folder}:/usr/bin:/bin`, HOME: folder, CALLS: calls, CODE: String(code), ...env },
  });
  return { status, stdout, stderr, calls: spawnSync('cat', [calls], { encoding: 'utf8' }).stdout.trim().split('\n') };
}

const REVIEW = 'claude -p Review the commits of the last day';

describe.skipIf(process.platform === 'win32')('the shell script', () => {
  test('starts the job if the login is good', () => {
    const { status, calls } = run(join(JOBS, 'nightly.sh'), []);
    expect({ status, calls }).toEqual({ status: 0, calls: ['keepalive check claude --min 1h --json', REVIEW] });
  });

  test.each([
    [5, 'Sign in to Claude Code. The nightly review was not started.\n'],
    [6, /^Claude Code is not kept alive/],
  ])('says for exit code %i what is wrong', (code, text) => {
    const { status, stderr, calls } = run(join(JOBS, 'nightly.sh'), [], code);
    expect({ status, calls: calls.length }).toEqual({ status: 1, calls: 1 });
    expect(stderr).toMatch(text);
  });
});

describe.skipIf(process.platform === 'win32')('the wrapper', () => {
  test('becomes the real claude, with all arguments', () => {
    const { status, calls } = run(join(JOBS, 'claude'), ['-p', 'two words', '--help'], 0, {
      PATH: `${JOBS}:${folder}:/usr/bin:/bin`,
    });
    const command = 'claude -p two words --help';
    expect({ status, calls }).toEqual({ status: 0, calls: [`keepalive exec -- ${command}`, command] });
  });

  test('ends with the exit code of the gate', () => {
    expect(run(join(JOBS, 'claude'), [], 5)).toMatchObject({ status: 5, calls: ['keepalive exec -- claude'] });
  });
});

test.skipIf(process.platform === 'win32')('the line for cron is valid, and runs the job behind the gate', () => {
  const [, fields = '', command = ''] = /^((?:\S+ ){4}\S+) {2}(.+)$/m.exec(readText('docs/jobs/crontab')) ?? [];
  expect(fields.split(' ')).toEqual(['0', '3', '*', '*', '1-5']);
  expect(command).not.toContain('%');
  const { status, calls } = run('/bin/sh', ['-c', command]);
  expect(status).toBe(0);
  expect(calls).toEqual([`keepalive exec --session claude --min 1h -- ${REVIEW}`, REVIEW]);
});

describe.skipIf(NO_SYSTEMD !== '')(`the units of systemd${NO_SYSTEMD}`, () => {
  test('are valid', () => {
    const units = ['nightly.service', 'nightly.timer'].map(name => join(JOBS, name));
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--user', ...units], {
      encoding: 'utf8',
      env: { ...process.env, XDG_RUNTIME_DIR: folder, HOME: folder },
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

test.skipIf(process.platform === 'win32')(
  'the condition of the unit skips the run for the exit codes of the gate',
  () => {
    const unit = readText('docs/jobs/nightly.service');
    const [, condition = ''] = /^ExecCondition=(.+)$/m.exec(unit) ?? [];
    const codes = [0, 5, 6].map(code => run('/bin/sh', ['-c', condition], code).status);
    // systemd skips the run for 1 to 254.
    expect(codes).toEqual([0, 5, 6]);
  },
);

describe.skipIf(!has('bash'))('the action', () => {
  const action = readText('.github/actions/keepalive-gate/action.yml');
  const script = action.slice(action.indexOf('run: |\n') + 7).replaceAll(/^ {8}/gm, '');

  function step(code: number, inputs: Readonly<Record<string, string>> = {}) {
    const output = join(folder, 'output');
    writeFileSync(output, '');
    const env = { SESSIONS: 'claude codex', MIN: '1h', WAIT: '90s', FAIL: 'true', GITHUB_OUTPUT: output, ...inputs };
    // As a runner starts `shell: bash`.
    const ran = run('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], code, env);
    return { ...ran, output: readFileSync(output, 'utf8').trim() };
  }

  test.each([
    [0, 'good'],
    [5, 'login'],
    [6, 'failing'],
  ])('ends with the exit code %i of the gate, and has the result %s', (code, result) => {
    const { status, output, calls } = step(code);
    expect({ status, output }).toEqual({ status: code, output: `result=${result}` });
    expect(calls).toEqual(['keepalive check claude codex --min 1h --wait 90s']);
  });

  test('goes on if it should not fail, and checks all sessions without ids', () => {
    const { status, stdout, output, calls } = step(5, { FAIL: 'false', SESSIONS: '' });
    expect({ status, output }).toEqual({ status: 0, output: 'result=login' });
    expect(stdout).toContain('::error title=Keepalive::');
    expect(calls).toEqual(['keepalive check --min 1h --wait 90s']);
  });

  test('takes its inputs from the environment, so that none is run as shell', () => {
    expect(script).not.toContain('${{');
  });
});
