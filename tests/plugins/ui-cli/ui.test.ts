import { chmodSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { KeepaliveError } from '../../../sdk/contract/errors.ts';
import { FakeKernel } from './fake-kernel.ts';
import { keepalive, temporaryFolder } from './run-cli.ts';

const URL = 'http://127.0.0.1:4711/open/code';
const FORM = '<form method="post" action="http://127.0.0.1:4711/open/">';

function linkFile(text = FORM): string {
  const file = join(temporaryFolder(), 'link.html');
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

const daemon = (file = linkFile(), url = URL) =>
  new FakeKernel([], {
    'page/open': (params = {}) => ({ url, ...(params.file && { file }) }),
    'page/close': () => ({ closed: 2 }),
  });

describe('ui', () => {
  test("opens a file in the browser that posts the link's code, so that the link is in no argument", async () => {
    const seen: string[] = [];
    const openInBrowser = async (file: string) => (seen.push(file), true);
    const file = linkFile();
    expect(await keepalive(['ui'], { daemon: daemon(file), system: { openInBrowser } })).toEqual({
      exitCode: 0,
      out: 'The settings page is open in your browser.\n',
      err: '',
    });
    expect(seen).toEqual([file]);
  });

  test('prints the link if there is no desktop, and how long it works', async () => {
    expect(await keepalive(['ui'], { daemon: daemon() })).toEqual({
      exitCode: 0,
      out: `${URL}\n`,
      err: expect.stringContaining('within a minute'),
    });
  });

  test('without a daemon says that there is no page, and how to start it', async () => {
    const { exitCode, out, err } = await keepalive(['ui']);
    expect([exitCode, out]).toEqual([4, '']);
    expect(err).toMatch(/^Keepalive is not running, so there is no page to open\.\n.*`keepalive start`/);
    expect(err.split('\n').filter(Boolean)).toHaveLength(2);
  });

  test('prints the link without opening it, if asked', async () => {
    const openInBrowser = () => Promise.reject(new Error('opened'));
    expect(await keepalive(['ui', '--print'], { daemon: daemon(), system: { openInBrowser } })).toEqual({
      exitCode: 0,
      out: `${URL}\n`,
      err: '',
    });
    expect(
      JSON.parse((await keepalive(['ui', '--print', '--json'], { daemon: daemon(), system: { openInBrowser } })).out),
    ).toEqual({ url: URL, opened: false });
  });

  test.each([
    'http://127.0.0.1:4712/open/code',
    'http://127.0.0.1:4711/open/',
    'http://127.0.0.1:4711/open/../x',
    'http://127.0.0.1:4711@evil.test/open/code',
    'https://127.0.0.1:4711/open/code',
    'http://localhost:4711/open/code',
    'file:///etc/passwd',
    'http://127.0.0.1:4711/open/code\n--x',
    'javascript:alert(1)',
    '',
  ])('does not print or open %j, which is no link to the page of this daemon', async url => {
    const openInBrowser = () => Promise.reject(new Error('opened'));
    for (const args of [['ui'], ['ui', '--print']]) {
      const { exitCode, out, err } = await keepalive(args, {
        daemon: daemon(linkFile(), url),
        system: { openInBrowser },
      });
      expect([exitCode, out, err]).toEqual([1, '', expect.stringContaining('Nothing was opened')]);
    }
  });

  test.each<[string, () => string]>([
    ['leads elsewhere', () => linkFile(FORM.replace('4711', '4712'))],
    ['is no page', () => linkFile('#!/bin/sh')],
    [
      'others may read',
      () => {
        const file = linkFile();
        chmodSync(file, 0o644);
        return file;
      },
    ],
    [
      'is a link',
      () => {
        const link = join(temporaryFolder(), 'link');
        symlinkSync(linkFile(), link);
        return link;
      },
    ],
    ['is named by no path', () => 'link.html'],
    ['is an address', () => 'file:///etc/passwd'],
  ])('does not open a file that %s', async (_what, make) => {
    const openInBrowser = () => Promise.reject(new Error('opened'));
    const { exitCode, out, err } = await keepalive(['ui'], { daemon: daemon(make()), system: { openInBrowser } });
    expect([exitCode, out, err]).toEqual([1, '', expect.stringContaining('Nothing was opened')]);
  });

  test('--close closes all pages', async () => {
    expect(await keepalive(['ui', '--close'], { daemon: daemon() })).toEqual({
      exitCode: 0,
      out: 'Closed 2 settings pages.\n',
      err: '',
    });
  });

  test('says how to serve a page, and how to start a daemon', async () => {
    const closed = new FakeKernel([], { 'page/open': () => Promise.reject(new KeepaliveError('KA_PAGE_NOT_SERVED')) });
    expect(await keepalive(['ui'], { daemon: closed })).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining("'ui-web'"),
    });
    expect(await keepalive(['ui'])).toMatchObject({ exitCode: 4, err: expect.stringContaining('keepalive start') });
  });
});
