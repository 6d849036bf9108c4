import { chmod, mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createExec } from '../../../runtime/capabilities/exec.ts';
import { createWhich } from '../../../runtime/capabilities/which.ts';
import type { Exec, ExecOptions } from '../../../sdk/plugin/process.ts';
import { UNPACKED } from '../../support/daemon/daemon.ts';

let dir: string;
let exec: Exec;
beforeEach(async () => {
  dir = await realpath(await mkdtemp(join(tmpdir(), 'keepalive-exec-')));
  const env = { PATH: process.env['PATH'], HTTPS_PROXY: 'http://proxy.test', KEEPALIVE_HOME: '/private', DROPPED: 'x' };
  exec = createExec({ workDir: join(dir, 'work'), env });
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const script = (code: string, options?: ExecOptions) => exec(process.execPath, ['-e', code], options);

/** Runs a script that prints `up`, with a time limit. A busy machine may need longer to start it, and then gets it. */
async function limitedScript(code: string, graceMs: number, timeoutMs = 500): ReturnType<Exec> {
  const result = await script(code, { timeoutMs, graceMs });
  return result.stdout === '' ? limitedScript(code, graceMs, 2 * timeoutMs) : result;
}

test('a non-zero exit is a result, with both outputs', async () => {
  expect(await script('console.log("out"); console.error("err"); process.exit(3)')).toEqual({
    exitCode: 3,
    stdout: 'out\n',
    stderr: 'err\n',
    timedOut: false,
  });
});

test('it runs in its own empty folder, or in a given one', async () => {
  expect((await script('console.log(process.cwd())')).stdout.trim()).toBe(join(dir, 'work'));
  expect(await readdir(join(dir, 'work'))).toEqual([]);
  expect((await script('console.log(process.cwd())', { cwd: dir })).stdout.trim()).toBe(dir);
});

test("its environment is the daemon's without KEEPALIVE_ variables, plus the changes", async () => {
  const { stdout } = await script('console.log(JSON.stringify(process.env))', {
    env: { ADDED: '1', DROPPED: undefined },
  });
  const env = JSON.parse(stdout);
  expect(env).toMatchObject({ HTTPS_PROXY: 'http://proxy.test', ADDED: '1' });
  expect(Object.keys(env).filter(name => name === 'DROPPED' || name.startsWith('KEEPALIVE_'))).toEqual([]);
});

test.skipIf(process.platform !== 'linux')(
  "it has its own process group, which Ctrl-C in the daemon's terminal does not reach",
  async () => {
    const { stdout } = await script(
      'console.log(process.pid, require("fs").readFileSync("/proc/self/stat", "utf8").split(" ")[4])',
    );
    const [pid, group] = stdout.trim().split(' ');
    expect(group).toBe(pid);
  },
);

test('its standard input is empty if no input is given', async () => {
  const echo = 'process.stdin.pipe(process.stdout)';
  expect((await script(echo)).stdout).toBe('');
  expect((await script(echo, { input: 'hello' })).stdout).toBe('hello');
});

test('arguments reach it unchanged, because there is no shell', async () => {
  const odd = ['$HOME', '"; rm -rf x', 'ä ö', '*'];
  const { stdout } = await exec(process.execPath, [
    '-e',
    'console.log(JSON.stringify(process.argv.slice(1)))',
    '--',
    ...odd,
  ]);
  expect(JSON.parse(stdout)).toEqual(odd);
});

const ECHO_LINES = `require('readline').createInterface({ input: process.stdin })
  .on('line', line => console.log('heard ' + line)).on('close', () => console.log('bye'))`;

test("a conversation goes line by line, over several loops, and ends the program's input", async () => {
  const heard: string[] = [];
  const { stdout, exitCode } = await script(ECHO_LINES, {
    async talk({ lines, send }) {
      for (const word of ['one', 'two']) {
        send(word);
        for await (const line of lines) {
          heard.push(line);
          break;
        }
      }
    },
  });
  expect(heard).toEqual(['heard one', 'heard two']);
  expect(stdout).toBe('heard one\nheard two\nbye\n');
  expect(exitCode).toBe(0);
});

test('a conversation with a program that ends early runs out of lines', async () => {
  const heard: string[] = [];
  const result = await script('console.log("only"); process.exit(1)', {
    async talk({ lines, send }) {
      send('anyone?');
      for await (const line of lines) heard.push(line);
      send('too late');
    },
  });
  expect(heard).toEqual(['only']);
  expect(result.exitCode).toBe(1);
});

test('an error of the conversation is thrown after the program has ended', async () => {
  const marker = join(dir, 'ended');
  const code = `process.stdin.resume().on('end', () => require('fs').writeFileSync(${JSON.stringify(marker)}, ''))`;
  await expect(
    script(code, {
      talk: async () => {
        throw new Error('confused');
      },
    }),
  ).rejects.toThrow('confused');
  expect(await readdir(dir)).toContain('ended');
});

test('a program that exceeds its time limit gets SIGTERM, and time to exit', async () => {
  const code =
    'process.on("SIGTERM", () => setTimeout(() => { console.log("saved"); process.exit(0) }, 300)); ' +
    'setInterval(() => {}, 1000); console.log("up")';
  expect(await limitedScript(code, 60_000)).toMatchObject({ timedOut: true, stdout: 'up\nsaved\n' });
});

test('a program that does not exit is killed after its grace time', async () => {
  const code = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); console.log("up")';
  expect(await limitedScript(code, 100)).toMatchObject({ timedOut: true, exitCode: undefined });
});

test('an abort ends it; a signal that was aborted before does not start it', async () => {
  const controller = new AbortController();
  const running = script('console.log("up"); setInterval(() => {}, 1000)', {
    signal: controller.signal,
    async talk({ lines }) {
      for await (const line of lines) if (line === 'up') controller.abort(new Error('paused'));
    },
  });
  await expect(running).rejects.toThrow('paused');
  await expect(
    script(`require('fs').writeFileSync(${JSON.stringify(join(dir, 'ran'))}, '')`, {
      signal: AbortSignal.abort(new Error('before')),
    }),
  ).rejects.toThrow('before');
  expect(await readdir(dir)).not.toContain('ran');
});

describe('on Windows, where a signal terminates a program at once', () => {
  const onWindows = (code: string, options: ExecOptions) =>
    createExec({ workDir: join(dir, 'work'), env: { PATH: process.env['PATH'] }, platform: 'win32' })(
      process.execPath,
      ['-e', code],
      options,
    );
  /** Ends when its input does, and says whether a signal came first. */
  const UNTIL_TOLD = `process.on('SIGTERM', () => console.log('interrupted'));
    console.log('up'); process.stdin.resume().on('end', () => { console.log('saved'); process.exit(0) })`;

  test('a program past its time limit is left alone for its grace time', async () => {
    const result = await onWindows(`setTimeout(() => {}, 300); ${UNTIL_TOLD}`, {
      timeoutMs: 1,
      graceMs: 60_000,
      async talk({ lines }) {
        for await (const line of lines) if (line === 'up') return;
      },
    });
    expect(result).toMatchObject({ timedOut: true, exitCode: 0, stdout: 'up\nsaved\n' });
  });

  test('after that it is killed', async () => {
    const result = await onWindows('setInterval(() => {}, 1000)', { timeoutMs: 1, graceMs: 1 });
    expect(result).toMatchObject({ timedOut: true, exitCode: undefined });
  });

  test('an abort does not interrupt it either, and is reported once it has ended', async () => {
    const controller = new AbortController();
    const heard: string[] = [];
    const running = onWindows(UNTIL_TOLD, {
      signal: controller.signal,
      graceMs: 60_000,
      async talk({ lines }) {
        for await (const line of lines) {
          heard.push(line);
          controller.abort(new Error('paused'));
          return;
        }
      },
    });
    await expect(running).rejects.toThrow('paused');
    expect(heard).toEqual(['up']);
  });
});

test('only the beginning of endless output is kept, and the program continues', async () => {
  const { stdout, stderr, exitCode } = await script(`
    const text = 'x'.repeat(3 * 1024 * 1024);
    process.stdout.write('start' + text, () => process.stderr.write(text, () => process.exit(7)));`);
  expect([stdout.length, stderr.length, exitCode]).toEqual([1024 * 1024, 1024 * 1024, 7]);
  expect(stdout.startsWith('start')).toBe(true);
});

test('a grandchild that keeps the output open does not delay the result', async () => {
  const { stdout } = await script(`
    const stdio = ['ignore', 'inherit', 'inherit'];
    const child = require('child_process').spawn('sleep', ['30'], { stdio, detached: true });
    child.unref(); console.log(child.pid);`);
  expect(process.kill(Number(stdout))).toBe(true);
});

test('a missing program and one without permission have different errors', async () => {
  await expect(exec('no-such-program-here', [])).rejects.toMatchObject({
    code: 'KA_PROGRAM_NOT_FOUND',
    details: { program: 'no-such-program-here' },
  });
  const file = join(dir, 'plain.txt');
  await writeFile(file, 'text');
  await chmod(file, 0o644);
  await expect(exec(file, [])).rejects.toMatchObject({ code: 'KA_PROGRAM_FAILED', details: { reason: 'EACCES' } });
});

/** Opens as many files as the limit allows, then starts a program as the daemon does. */
const WITHOUT_FILES = `
  import { openSync } from 'node:fs';
  process.on('uncaughtException', () => {});
  const { createExec } = await import(process.argv[1]);
  const exec = createExec({ workDir: process.argv[2], env: process.env });
  await exec('true', []);
  try {
    for (;;) openSync('/dev/null');
  } catch {
    await exec('true', []).catch(({ code, details }) => console.log(JSON.stringify({ code, details })));
  }
  process.exit();`;

test.skipIf(process.platform === 'win32')(
  'where there are no files left for it, that is not the fault of the program',
  async () => {
    const order = 'ulimit -n 256; exec "$0" --input-type=module -e "$@"';
    const { stdout } = await exec('sh', [
      '-c',
      order,
      process.execPath,
      WITHOUT_FILES,
      join(UNPACKED, 'runtime/capabilities/exec.js'),
      join(dir, 'work'),
    ]);
    expect(JSON.parse(stdout)).toEqual({
      code: 'KA_MACHINE_EXHAUSTED',
      details: { program: 'true', reason: 'EMFILE' },
    });
  },
);

test('a program is searched on the PATH of the given environment', async () => {
  const tool = join(dir, 'acme');
  await writeFile(tool, '#!/bin/sh\n');
  await chmod(tool, 0o755);
  expect(await createWhich({ PATH: dir })('acme')).toBe(tool);
  expect(await createWhich({ PATH: '/nowhere' })('acme')).toBeUndefined();
  expect(await createWhich({})(tool)).toBe(tool);
});

test('with a short PATH, a program is found in the folders of installers', async () => {
  const bin = join(dir, '.local', 'bin');
  const tool = join(bin, 'acme-of-a-user');
  await mkdir(bin, { recursive: true });
  await writeFile(tool, '#!/bin/sh\n', { mode: 0o755 });
  expect(await createWhich({ PATH: '/nowhere', HOME: dir })('acme-of-a-user')).toBe(tool);
  expect(await createWhich({ PATH: '/nowhere', HOME: '/nowhere' })('acme-of-a-user')).toBeUndefined();
});
