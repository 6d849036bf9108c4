import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createPty, waysToEnd, whyNoTerminal } from '../../../runtime/capabilities/pty.ts';
import type { Dialogue, Exec, ExecOptions } from '../../../sdk/plugin/process.ts';

let dir: string;
let pty: Exec;
beforeEach(async () => {
  dir = await realpath(await mkdtemp(join(tmpdir(), 'keepalive-pty-')));
  pty = createPty({
    workDir: join(dir, 'work'),
    env: { PATH: process.env['PATH'], KEEPALIVE_HOME: '/private', DROPPED: 'x' },
  });
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const script = (code: string, options?: ExecOptions) => pty(process.execPath, ['-e', code], options);

/** Listens until a line contains the word. */
async function until({ lines }: Dialogue, word: string): Promise<void> {
  for await (const line of lines) if (line.includes(word)) return;
}

const FOR_EVER = 'setInterval(() => {}, 1000); console.log("ready");';

test('a program runs in a terminal, and its exit code is a result', async () => {
  const { stdout, ...rest } = await script(
    'console.log(String([0, 1, 2].every(require("tty").isatty)), process.cwd()); process.exit(3)',
  );
  expect(stdout.trim()).toBe(`true ${join(dir, 'work')}`);
  expect(rest).toEqual({ exitCode: 3, stderr: '', timedOut: false });
});

test("its environment is the daemon's without KEEPALIVE_ variables, plus the changes", async () => {
  const { stdout } = await script(
    'console.log(Object.entries(process.env).filter(([name]) => /^(ADDED|DROPPED|KEEPALIVE_)/.test(name)).join())',
    { env: { ADDED: '1', DROPPED: undefined } },
  );
  expect(stdout.trim()).toBe('ADDED,1');
});

test('sent text arrives as if typed, with Enter', async () => {
  let heard = false;
  await script(
    'const lines = require("readline").createInterface({ input: process.stdin }); ' +
      'lines.on("line", line => console.log(`heard ${line.length}`)); console.log("ready")',
    {
      async talk(dialogue) {
        await until(dialogue, 'ready');
        dialogue.send('hello');
        await until(dialogue, 'heard 5');
        heard = true;
      },
    },
  );
  expect(heard).toBe(true);
});

test('the end of the conversation hangs up, and the program may finish', async () => {
  const { exitCode, stdout } = await script(
    `process.on('SIGHUP', () => { console.log('bye'); process.exit(5); }); ${FOR_EVER}`,
    {
      talk: dialogue => until(dialogue, 'ready'),
    },
  );
  expect([exitCode, stdout.includes('bye')]).toEqual([5, true]);
});

test('a program that ignores the hang-up is killed after its grace time', async () => {
  const result = await script(`process.on('SIGHUP', () => {}); ${FOR_EVER}`, {
    talk: dialogue => until(dialogue, 'ready'),
    graceMs: 200,
  });
  expect(result).toMatchObject({ exitCode: undefined, timedOut: false });
});

test('a program that exceeds its time limit is ended', async () => {
  expect(await script(FOR_EVER, { timeoutMs: 300 })).toMatchObject({ exitCode: undefined, timedOut: true });
});

test('an aborted program ends, and the reason is thrown', async () => {
  const stop = new AbortController();
  const talk = async (dialogue: Dialogue) => {
    await until(dialogue, 'ready');
    stop.abort(new Error('paused'));
    await until(dialogue, 'never');
  };
  await expect(script(FOR_EVER, { signal: stop.signal, talk })).rejects.toThrow('paused');
});

test('an error of the conversation is thrown after the program has ended', async () => {
  await expect(
    script(FOR_EVER, {
      talk: async () => {
        throw new Error('no');
      },
    }),
  ).rejects.toThrow('no');
});

test('on Windows a program is asked by Ctrl-C, because closing its terminal would terminate it', () => {
  const done: unknown[] = [];
  const terminal = {
    kill: (name?: string) => void done.push(['kill', name]),
    write: (text: string) => void done.push(text),
  };
  const { ask, kill } = waysToEnd(terminal, 'win32');
  ask('SIGTERM');
  kill();
  expect(done).toEqual(['\x03\x03', ['kill', undefined]]);
});

const reported = (header: object) => ({ getReport: () => ({ header }) });

test.each([
  ['linux', reported({}), 'linux-x64 with musl'],
  ['linux', reported({ glibcVersionRuntime: '2.36' }), 'linux-x64'],
  ['freebsd', reported({}), 'freebsd-x64'],
])('on %s without a part of the terminal package, the error names the system', (platform, report, system) => {
  expect(whyNoTerminal({ platform, arch: 'x64', report })).toBe(
    `It needs a terminal, and @lydell/node-pty opens none on ${system}.`,
  );
});
