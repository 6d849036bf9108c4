import { describe, expect, test } from 'vitest';
import { runSignIn } from '../../../plugins/ui-vscode/run-sign-in.ts';
import { KeepaliveError } from '../../../sdk/contract/errors.ts';
import type { LoginState } from '../../../sdk/contract/rpc.ts';
import { FakeKernel, LOGIN, NOW, session } from '../ui-cli/fake-kernel.ts';
import { fakeVsCode } from './fake-vscode.ts';

const URL = 'https://vendor.example/device';
const STARTED = {
  login: 'one',
  session: 'codex',
  steps: ['open'],
  machine: 'nas',
  account: 'ChatGPT account',
  hosts: ['vendor.example'],
  endsAt: NOW + 900_000,
};

/** A sign-in that runs in the editor, and what the daemon says of it. */
async function started(answers: Parameters<typeof fakeVsCode>[0] = {}) {
  const kernel = new FakeKernel([], {
    'login/start': () => STARTED,
    'login/answer': () => null,
    'login/cancel': () => null,
  });
  const { editor, vscode } = fakeVsCode(answers);
  const tool = session('codex', LOGIN, { displayName: 'Codex' });
  const running = runSignIn(tool, vscode, kernel.client());
  const say = (state: LoginState, login = 'one') =>
    kernel.notify('login/didChange', { login, session: 'codex', state });
  const asked = () => kernel.asked.filter(([method]) => method !== 'login/start');
  const finish = async (state: LoginState = { name: 'done' }) => {
    say(state);
    await running;
  };
  await expect.poll(() => editor.progress).not.toEqual([]);
  return { editor, kernel, running, say, asked, finish };
}

const presses = (label: string) => (_text: string, labels: readonly string[]) =>
  labels.find(one => one.startsWith(label));

describe('a sign-in in the editor', () => {
  test('starts for any device, and names session and machine', async () => {
    const { editor, kernel, finish } = await started();
    expect(kernel.asked).toEqual([['login/start', { id: 'codex', device: true }]]);
    expect(editor.progress[0]).toBe('Sign in to Codex on nas');
    await finish();
    expect(editor.messages).toEqual(['Signed in. Codex is alive.']);
  });

  test('names account and host before it copies the code and opens the address', async () => {
    const { editor, say, asked, finish } = await started({ press: presses('Copy') });
    say({ name: 'open', url: URL, userCode: 'ABCD-1234' });
    await expect.poll(() => editor.browsed).toEqual([URL]);
    expect(editor.messages).toEqual(['Sign in to Codex on nas — ChatGPT account at vendor.example']);
    expect(editor.details[0]).toContain('Code: ABCD-1234');
    expect(editor.details[0]).toContain('enter nothing at another address than vendor.example');
    expect(editor.copied).toEqual(['ABCD-1234']);
    expect(editor.progress.at(-1)).toContain('ABCD-1234');
    await finish();
    expect(asked()).toEqual([]);
  });

  test('takes a code in a box that stays open, and asks again if it was not good', async () => {
    const codes = ['wrong', 'good'];
    const { editor, say, asked, finish } = await started({ press: presses('Open'), type: () => codes.shift() });
    say({ name: 'code', url: URL });
    await expect.poll(() => asked()).toEqual([['login/answer', { login: 'one', text: 'wrong' }]]);
    say({ name: 'code', url: URL, problem: 'The code is not good' });
    await expect.poll(() => asked().at(-1)).toEqual(['login/answer', { login: 'one', text: 'good' }]);
    expect(editor.browsed).toEqual([URL]);
    expect(editor.inputs).toMatchObject([
      { ignoreFocusOut: true, password: false },
      { prompt: expect.stringMatching(/^The code is not good\./) },
    ]);
    expect(editor.inputs[0]?.validateInput?.(' ')).toBe('Enter the code.');
    await finish();
  });

  test.each<[string, LoginState]>([
    ['the address', { name: 'open', url: URL }],
    ['the box for a code', { name: 'code', url: URL, problem: 'No' }],
  ])('is cancelled when the user closes %s', async (_what, state) => {
    const { editor, say, asked, finish } = await started();
    say(state);
    await expect.poll(asked).toEqual([['login/cancel', { login: 'one' }]]);
    await finish({ name: 'cancelled' });
    expect(editor.browsed).toEqual([]);
    expect(editor.messages.filter(text => text.includes('cancelled'))).toEqual([]);
  });

  test('is cancelled when the user closes the progress message, and says what the store holds then', async () => {
    const { editor, asked, finish } = await started();
    editor.closeProgress();
    await expect.poll(asked).toEqual([['login/cancel', { login: 'one' }]]);
    await finish({ name: 'cancelled', message: 'The store has another login.' });
    expect(editor.messages).toEqual(['The sign-in was cancelled. The store has another login.']);
  });

  test.each([
    ['Keep', 'keep'],
    ['nothing', 'refuse'],
  ])('asks about another account, and answers %s with %s', async (button, text) => {
    const { editor, say, asked, finish } = await started({ press: presses(button) });
    say({ name: 'confirm', before: 'a…@x.test', after: 'b…@x.test' });
    await expect.poll(asked).toEqual([['login/answer', { login: 'one', text }]]);
    expect(editor.messages[0]).toContain('b…@x.test instead of a…@x.test');
    await finish();
  });

  test('types a command of the vendor into a terminal, and shows another way as a message', async () => {
    const { editor, say, finish } = await started();
    say({ name: 'manual', hint: 'Run `mine login` with MINE_HOME=/work.' });
    await expect.poll(() => editor.terminals.map(({ typed }) => typed)).toEqual([[['mine login', false]]]);
    say({ name: 'manual', hint: 'Sign in with Firefox.' });
    await expect.poll(() => editor.messages).toEqual(['Sign in with Firefox.']);
    await finish();
  });

  test('ignores the answer to a state that is over, and the states of another sign-in', async () => {
    const { editor, say, asked, finish } = await started({
      press(text) {
        if (text.startsWith('Sign in to')) say({ name: 'checking' });
        return undefined;
      },
    });
    say({ name: 'failed', code: 'KA_LOGIN_FAILED', message: 'Not ours.' }, 'two');
    say({ name: 'open', url: URL });
    await expect.poll(() => editor.progress.at(-1)).toBe('A new login is stored, and is being checked.');
    await finish();
    expect(asked()).toEqual([]);
  });

  test('that fails says why, also if the connection is lost', async () => {
    const failed = await started();
    failed.say({ name: 'failed', code: 'KA_LOGIN_FAILED', message: 'The vendor says no.' });
    await expect(failed.running).rejects.toThrow('The vendor says no.');
    const lost = await started();
    lost.kernel.vanish();
    await expect(lost.running).rejects.toEqual(expect.any(KeepaliveError));
  });
});
