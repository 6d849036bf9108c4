import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createExec } from '../../runtime/capabilities/exec.ts';
import notifyCommand, { type NotifyCommandOptions } from '../../plugins/notify-command/index.ts';
import { digestOf } from '../../sdk/wording/digest.ts';
import { fakeContext } from '../../sdk/testing/index.ts';
import { notice } from '../support/notice.ts';
import { temporaryFolder } from '../support/real-context.ts';

const nasty = notice({ title: 'it\'s "x" $(id) `id`\nü' });

test('a program gets the notice on its standard input, raised and cleared', async () => {
  const context = fakeContext({ exec: () => ({}) });
  const notifier = notifyCommand({ run: ['notify-me', '--loud'] });
  await notifier.raise(nasty, context);
  await notifier.clear?.(nasty, context);
  expect(context.calls.exec).toMatchObject([
    { program: 'notify-me', args: ['--loud'], options: { timeoutMs: 10_000, signal: context.signal } },
    { program: 'notify-me', args: ['--loud'] },
  ]);
  expect(context.calls.exec.map(({ options }) => JSON.parse(options.input ?? ''))).toEqual([
    { event: 'raise', machine: hostname(), notice: nasty },
    { event: 'clear', machine: hostname(), notice: nasty },
  ]);
});

test('several notices are one run: their summary, and each of them', async () => {
  const context = fakeContext({ exec: () => ({}) });
  const notices = [notice(), notice({ id: 'claude:login-required', session: 'claude' })];
  await notifyCommand({ run: ['notify-me'] }).raiseMany?.(notices, context);
  expect(context.calls.exec.map(({ options }) => JSON.parse(options.input ?? ''))).toEqual([
    { event: 'raise', machine: hostname(), notice: digestOf(notices), notices },
  ]);
});

test('a real program reads it', async () => {
  const folder = await temporaryFolder();
  const file = join(folder, 'got');
  const context = { ...fakeContext(), exec: createExec({ workDir: folder, env: process.env }) };
  await notifyCommand({
    run: [process.execPath, '-e', 'fs.writeFileSync(process.argv[1], fs.readFileSync(0))', file],
  }).raise(nasty, context);
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ event: 'raise', machine: hostname(), notice: nasty });
  await notifyCommand({ run: [process.execPath, '-e', '0'] }).raise(
    { ...nasty, body: 'unread '.repeat(100_000) },
    context,
  );
});

test.each([[{ exitCode: 3 }], [{ exitCode: undefined, timedOut: true }]])(
  'a failed program is reported without the notice: %o',
  async result => {
    const context = fakeContext({ exec: () => ({ stdout: 'CANARY', ...result }) });
    const failure = await notifyCommand({ run: ['x'] })
      .raise(notice({ body: 'CANARY' }), context)
      .then(
        () => undefined,
        (error: unknown) => error,
      );
    expect(failure).toMatchObject({ code: 'KA_PROGRAM_FAILED', details: { program: 'x', ...result } });
    expect(JSON.stringify(failure)).not.toContain('CANARY');
  },
);

test('a path may begin with ~', async () => {
  const context = fakeContext({ exec: () => ({}) });
  await notifyCommand({ run: ['~/bin/x'], timeout: '2s', id: 'mine' }).raise(nasty, context);
  expect(context.calls.exec[0]?.program).toMatch(/^(?!~).*[\\/]bin[\\/]x$/);
  expect(context.calls.exec[0]?.options.timeoutMs).toBe(2_000);
});

test.each<[string, object]>([
  ['run', {}],
  ['run', { run: [] }],
  ['run', { run: [''] }],
  ['timeout', { run: ['x'], timeout: '11s' }],
  ['timeout', { run: ['x'], timeout: 5 }],
  ['', { run: ['x'], shell: true }],
])('a wrong option is refused: %s %o', (path, options) => {
  expect(() => notifyCommand(options as NotifyCommandOptions)).toThrow(
    expect.objectContaining({ code: 'KA_CONFIG_INVALID', details: { problems: [expect.objectContaining({ path })] } }),
  );
});
