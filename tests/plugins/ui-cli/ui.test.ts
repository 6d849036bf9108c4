import { describe, expect, test } from 'vitest';
import { browse, openerOf } from '../../../plugins/ui-cli/browse.ts';
import { KeepaliveError } from '../../../sdk/errors.ts';
import { FakeKernel } from './fake-kernel.ts';
import { keepalive } from './run-cli.ts';

const URL = 'http://127.0.0.1:4711/open/code';
const daemon = () => new FakeKernel([], { 'page/open': () => ({ url: URL }) });

describe('ui', () => {
  test('opens the link in the browser', async () => {
    const seen: string[] = [];
    const browse = async (url: string) => (seen.push(url), true);
    expect(await keepalive(['ui'], { daemon: daemon(), ways: { browse } })).toEqual({ exitCode: 0, out: 'The settings page is open in your browser.\n', err: '' });
    expect(seen).toEqual([URL]);
  });

  test('prints the link where there is no desktop, and says what it is good for', async () => {
    expect(await keepalive(['ui'], { daemon: daemon() })).toEqual({ exitCode: 0, out: `${URL}\n`, err: expect.stringContaining('within a minute') });
  });

  test('prints it, opening nothing, where that is asked for', async () => {
    const browse = () => Promise.reject(new Error('opened'));
    expect(await keepalive(['ui', '--print'], { daemon: daemon(), ways: { browse } })).toEqual({ exitCode: 0, out: `${URL}\n`, err: '' });
    expect(JSON.parse((await keepalive(['ui', '--print', '--json'], { daemon: daemon(), ways: { browse } })).out)).toEqual({ url: URL, opened: false });
  });

  test('says how to get a page where none is shown, and a daemon where there is none', async () => {
    const closed = new FakeKernel([], { 'page/open': () => Promise.reject(new KeepaliveError('KA_PAGE_NOT_SERVED')) });
    expect(await keepalive(['ui'], { daemon: closed })).toMatchObject({ exitCode: 1, err: expect.stringContaining("'ui-web'") });
    expect(await keepalive(['ui'])).toMatchObject({ exitCode: 4, err: expect.stringContaining('keepalive start') });
  });
});

describe('what opens a browser', () => {
  test.each<[string, NodeJS.Platform, Record<string, string>, unknown]>([
    ['macOS', 'darwin', {}, { program: 'open', args: [URL] }],
    ['Windows, without a shell', 'win32', {}, { program: 'rundll32.exe', args: ['url.dll,FileProtocolHandler', URL] }],
    ['Linux under X', 'linux', { DISPLAY: ':0' }, { program: 'xdg-open', args: [URL] }],
    ['Linux under Wayland', 'linux', { WAYLAND_DISPLAY: 'wayland-0' }, { program: 'xdg-open', args: [URL] }],
    ['Linux within Windows', 'linux', { WSL_DISTRO_NAME: 'Debian' }, { program: 'wslview', args: [URL] }],
    ['no desktop', 'linux', {}, undefined],
  ])('%s', (_where, platform, env, opener) => {
    expect(openerOf(URL, platform, env)).toEqual(opener);
  });

  test('an opener that is not there, or fails, has opened nothing', async () => {
    expect(await browse(URL, { PATH: '/nowhere', DISPLAY: ':0' }, 'linux')).toBe(false);
  });
});
