import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expandHome, findUserHome, withTilde, locateHome, platformFolders } from '../../../sdk/system/home.ts';

describe.skipIf(process.platform === 'win32')('the folders of an instance', () => {
  test.each<[string, NodeJS.Platform, Readonly<Record<string, string>>, string, string]>([
    ['Linux', 'linux', {}, '/home/you/.config/keepalive', '/home/you/.local/share/keepalive'],
    ['Linux with XDG folders', 'linux', { XDG_CONFIG_HOME: '/c', XDG_DATA_HOME: '/d' }, '/c/keepalive', '/d/keepalive'],
    [
      'macOS',
      'darwin',
      {},
      '/home/you/Library/Preferences/keepalive',
      '/home/you/Library/Application Support/keepalive',
    ],
    ['Windows', 'win32', { APPDATA: '/r', LOCALAPPDATA: '/l' }, '/r/keepalive/Config', '/l/keepalive/Data'],
    [
      'Windows without its variables',
      'win32',
      {},
      '/home/you/AppData/Roaming/keepalive/Config',
      '/home/you/AppData/Local/keepalive/Data',
    ],
  ])('on %s', (_title, platform, env, ...[configDir, stateDir]) => {
    expect(platformFolders({ HOME: '/home/you', ...env }, platform)).toEqual({ configDir, stateDir });
  });

  test.each<[string, string, string]>([
    ['as it is given', '/k', '/k'],
    ['in the home of the user', '~/k', '/home/you/k'],
  ])('with KEEPALIVE_HOME are one: %s', (_title, given, expected) => {
    expect(locateHome({ HOME: '/home/you', KEEPALIVE_HOME: given })).toMatchObject({
      configDir: expected,
      stateDir: expected,
      log: join(expected, 'keepalived.log'),
    });
  });
});

test.skipIf(process.platform === 'win32').each([{}, { HOME: '' }])(
  'without HOME, the home is asked from the system',
  env => {
    expect(findUserHome(env)).toBe(homedir());
    expect(findUserHome({ HOME: '/home/you' })).toBe('/home/you');
  },
);

test('a tilde is expanded only at the beginning of a path', () => {
  expect(expandHome('~', '/home/you')).toBe(join('/home/you'));
  expect(expandHome('~/a', '/home/you')).toBe(join('/home/you', 'a'));
  expect(expandHome('/a/~', '/home/you')).toBe(join('/a/~'));
});

test('a path is shown with a tilde only if it is in the home', () => {
  const shown = ['/home/you', '/home/you/a', '/home/yours/a', '/a'].map(path => withTilde(path, '/home/you/'));
  expect(shown).toEqual(['~', '~/a', '/home/yours/a', '/a']);
  expect(withTilde('/a', undefined)).toBe('/a');
});
