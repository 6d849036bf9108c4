import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { Keyboard } from '../../../../plugins/ui-cli/context/keyboard.ts';
import type { LoginState, RpcParams } from '../../../../sdk/contract/rpc.ts';
import { ALIVE, FakeKernel, LOGIN, MINUTE, NOW, session } from '../fake-kernel.ts';
import { keepalive, type Circumstances } from '../run-cli.ts';

const URL = 'https://vendor.example/sign-in?a=1&b=<"2">';
const DESKTOP = { KEEPALIVE_HOME: '/home/me/keepalive', DISPLAY: ':0' };

/** A keyboard that types a text when it is listened to. */
const typing = (text = ''): Keyboard => ({
  isPresent: true,
  enter: async () => false,
  listen: onKey => {
    setTimeout(() => [...text].forEach(letter => onKey(letter === '\r' ? 'return' : letter, letter)), 0);
    return () => undefined;
  },
});

type Flow = { readonly states: readonly LoginState[]; readonly answered?: (text: string) => readonly LoginState[] };

/** A daemon whose sign-in goes through these states. */
function daemonWith({ states, answered = () => [] }: Flow, sessions = [session('tool', LOGIN)]) {
  const started: RpcParams<'login/start'>[] = [];
  const announce = (next: readonly LoginState[]) =>
    setImmediate(() =>
      next.forEach(state => daemon.notify('login/didChange', { login: 'l1', session: 'tool', state })),
    );
  const daemon = new FakeKernel(sessions, {
    'login/start': params => {
      started.push(params);
      announce(states);
      const where = { machine: 'laptop', account: 'Vendor account', hosts: ['vendor.example'] };
      return { login: 'l1', session: 'tool', steps: ['code'], endsAt: NOW + 15 * MINUTE, ...where };
    },
    'login/answer': ({ text }) => (announce(answered(text)), null),
    'login/cancel': () => (announce([{ name: 'cancelled' }]), null),
  });
  return { daemon, started };
}

const never = () => new AbortController().signal;
const signIn = (flow: Flow, world: Circumstances = {}, args: readonly string[] = []) => {
  const { daemon, started } = daemonWith(flow);
  const result = keepalive(['login', 'tool', ...args], { daemon, interrupted: never, ...world });
  return result.then(end => ({ ...end, started, asked: daemon.asked }));
};

const OPEN: LoginState = { name: 'open', url: URL };
const DONE: LoginState = { name: 'done' };

describe('the browser', () => {
  const opening = async (world: Circumstances, args?: readonly string[]) => {
    const pages: string[] = [];
    const openInBrowser = async (file: string) => (pages.push(readFileSync(file, 'utf8')), true);
    const { started } = await signIn({ states: [OPEN, DONE] }, { ...world, system: { openInBrowser } }, args);
    return { pages, device: started[0]?.device };
  };
  const here = { env: DESKTOP, terminal: { columns: 80 }, keyboard: typing() };

  test('is opened at a desktop, by a file that leads to the address', async () => {
    const { pages, device } = await opening(here);
    expect(device).toBe(false);
    expect(pages).toHaveLength(1);
    expect(pages[0]).toContain('content="0; url=https://vendor.example/sign-in?a=1&amp;b=&lt;&quot;2&quot;>"');
  });

  test.each<[string, Circumstances, readonly string[], boolean]>([
    ['with --device', here, ['--device'], true],
    ['by SSH', { ...here, env: { ...DESKTOP, SSH_CONNECTION: 'a b' } }, [], true],
    ['without a display', { ...here, env: { KEEPALIVE_HOME: '/home/me/keepalive' } }, [], true],
    ['without a terminal to print to', { ...here, terminal: undefined }, [], false],
    ['without a keyboard', { env: DESKTOP, terminal: { columns: 80 } }, [], false],
    ['with --json', here, ['--json'], false],
  ])('is not opened %s', async (_title, world, args, device) =>
    expect(await opening(world, args)).toEqual({ pages: [], device }),
  );
});

describe('the end of a sign-in', () => {
  test.each<[LoginState, number]>([
    [DONE, 0],
    [{ name: 'failed', code: 'KA_LOGIN_FAILED', message: 'The vendor refused.' }, 1],
    [{ name: 'cancelled' }, 1],
  ])('%o has the exit code %i', async (state, exitCode) =>
    expect(await signIn({ states: [state] })).toMatchObject({ exitCode }),
  );

  test.each<[string, number]>([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])('by %s has the exit code %i, and cancels it', async (signal, exitCode) => {
    const end = await signIn({ states: [OPEN] }, { interrupted: () => AbortSignal.abort(signal) });
    expect(end.exitCode).toBe(exitCode);
    expect(end.asked.at(-1)).toEqual(['login/cancel', { login: 'l1' }]);
    expect(end.err).toContain('The login from before is as it was.');
  });

  test('by a daemon that ends is reported', async () => {
    const { daemon } = daemonWith({ states: [OPEN] });
    const output = (text: string) => void (text.includes(URL) && setImmediate(() => daemon.vanish()));
    const { exitCode, err } = await keepalive(['login', 'tool'], { daemon, interrupted: never, output });
    expect([exitCode, err]).toEqual([1, expect.stringContaining('KA_RPC_CONNECTION_LOST')]);
  });
});

test('a code is sent as typed, and is not on the screen', async () => {
  // Loaded first: no key is taken before the question is there.
  await import('uqr');
  const flow = { states: [{ name: 'code', url: URL } as const], answered: () => [DONE] };
  const world = { env: DESKTOP, terminal: { columns: 80 }, keyboard: typing('Secret#1\r') };
  const { out, asked, exitCode } = await signIn(flow, world);
  expect(asked).toContainEqual(['login/answer', { login: 'l1', text: 'Secret#1' }]);
  expect([exitCode, out.includes('Secret')]).toEqual([0, false]);
});

test('a sent code is being checked until the next state', async () => {
  const flow = { states: [{ name: 'code', url: URL } as const], answered: () => [] };
  const { daemon } = daemonWith(flow);
  const stop = new AbortController();
  const output = (text: string) => void (text.includes('Checking (') && stop.abort('SIGINT'));
  const world = { env: DESKTOP, terminal: { columns: 80 }, keyboard: typing('half\r'), output };
  const end = await keepalive(['login', 'tool'], { daemon, interrupted: () => stop.signal, ...world });
  expect([end.exitCode, end.out.includes('Checking (15 min left, Ctrl-C cancels)')]).toEqual([130, true]);
});

test('an address for the browser of this machine has no QR code', async () => {
  const world = { env: DESKTOP, terminal: { columns: 200 }, keyboard: typing() };
  const { out } = await signIn({ states: [OPEN, DONE] }, world);
  expect(out).toContain(URL);
  expect(out).not.toMatch(/QR code|█/);
});

test('a session that is alive is signed in to, and the user is warned', async () => {
  const { daemon } = daemonWith({ states: [DONE] }, [session('tool', ALIVE)]);
  const { out, exitCode } = await keepalive(['login', 'tool'], { daemon, interrupted: never });
  expect([exitCode, out]).toEqual([0, expect.stringContaining('alive and needs no sign-in')]);
});

test.each(Array.from({ length: 9 }, (_, step) => 40 + 20 * step))(
  '%i columns hold every line but the address',
  async columns => {
    const long = `https://vendor.example/${'x'.repeat(300)}`;
    const states: LoginState[] = [{ name: 'open', url: long, userCode: 'ABCD-1234' }, DONE];
    const { out } = await signIn({ states }, { env: DESKTOP, terminal: { columns }, keyboard: typing() }, ['--device']);
    const lines = stripVTControlCharacters(out).split(/\r?\n|\r/);
    expect(lines).toContain(long);
    expect(lines.filter(line => line !== long && [...line].length > columns)).toEqual([]);
  },
);
