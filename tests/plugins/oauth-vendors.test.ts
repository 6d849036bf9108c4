import { linkSync, mkdirSync, readFileSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import oauth, { type OauthOptions } from '../../plugins/oauth/index.ts';
import { vendorOf } from '../../plugins/oauth/vendors.ts';
import { isKeepaliveError } from '../../sdk/contract/errors.ts';
import { temporaryHome } from '../support/daemon/daemon.ts';
import { realContext } from '../support/real-context.ts';

const options = (file: string): OauthOptions => ({
  id: 'x',
  file,
  tokenEndpoint: 'https://evil.example/token',
  clientId: 'c',
  paths: { access: 'tokens.access_token', refresh: 'tokens.refresh_token' },
});

/** A home with only these files. */
function personWith(files: Readonly<Record<string, string>> = {}): string {
  const home = temporaryHome(files);
  const before = process.env['HOME'];
  process.env['HOME'] = home;
  onTestFinished(() => {
    process.env['HOME'] = before;
  });
  return home;
}

const problemsWith = (file: string): unknown => {
  try {
    oauth(options(file));
    return undefined;
  } catch (error) {
    return isKeepaliveError(error) ? error.details['problems'] : error;
  }
};

describe('the credential of a built-in provider is refused as the file of an oauth session', () => {
  test.each([
    ['~/.claude/.credentials.json', 'claude'],
    ['~/.claude-work/.credentials.json', 'claude'],
    ['~/.codex/auth.json', 'codex'],
    ['~/.codex/../.codex/auth.json', 'codex'],
    ['~/.gemini/oauth_creds.json', 'gemini'],
    ['~/.augment/session.json', 'augment'],
    ['~/.config/cursor/auth.json', 'cursor'],
    ['~/.grok/auth.json', 'grok'],
    ['~/.copilot/config.json', 'copilot'],
  ])('%s', (file, vendor) => {
    personWith();
    expect(problemsWith(file)).toEqual([
      {
        path: 'file',
        message:
          `This is the credential of ${vendor}. ` +
          `Use the built-in provider '${vendor}', which renews it as its owner does.`,
      },
    ]);
  });

  test('in the folder from the environment', () => {
    personWith();
    expect(vendorOf('/srv/x/auth.json', { CODEX_HOME: '/srv/x' })).toBe('codex');
    expect(vendorOf('/srv/x/.credentials.json', { CLAUDE_CONFIG_DIR: '/srv/x' })).toBe('claude');
    expect(vendorOf('/srv/x/auth.json', {})).toBeUndefined();
  });

  test.each([
    ['a link', (real: string, other: string) => symlinkSync(real, other)],
    ['a link to its folder', (real: string, other: string) => symlinkSync(dirname(real), dirname(other))],
    ['a hard link', (real: string, other: string) => linkSync(real, other)],
  ])('through %s', (what, make) => {
    const home = personWith({ '.codex/auth.json': '{}' });
    const other = join(home, 'mine/auth.json');
    if (what !== 'a link to its folder') mkdirSync(dirname(other));
    make(join(home, '.codex/auth.json'), other);
    expect(problemsWith('~/mine/auth.json')).toMatchObject([
      { path: 'file', message: expect.stringContaining("'codex'") },
    ]);
  });

  test('if its folder is a link', () => {
    const home = personWith({ 'elsewhere/auth.json': '{}' });
    symlinkSync(join(home, 'elsewhere'), join(home, '.codex'));
    expect(problemsWith(join(home, 'elsewhere/auth.json'))).toMatchObject([{ path: 'file' }]);
  });

  test('another file is accepted, even with the same name', () => {
    personWith({ 'acme/auth.json': '{}', '.codex/auth.json': '{}' });
    expect(
      ['~/acme/auth.json', '~/.acme/session.json', '~/.claude/token.json', '~/none.json'].map(file =>
        problemsWith(file),
      ),
    ).toEqual([undefined, undefined, undefined, undefined]);
  });
});

test('a file that becomes a link to one later is not sent', async () => {
  const login = '{"tokens":{"access_token":"a","refresh_token":"CANARY"}}';
  const home = personWith({ 'token.json': login, '.codex/auth.json': login });
  const plugin = oauth(options('~/token.json'));
  renameSync(join(home, 'token.json'), join(home, 'gone'));
  symlinkSync(join(home, '.codex/auth.json'), join(home, 'token.json'));
  const asked: unknown[] = [];
  const context = realContext(home, {
    fetch: async (...request) => {
      asked.push(request);
      throw new Error('no vendor may be asked');
    },
  });
  expect(await plugin.refresh(context)).toMatchObject({
    status: 'unavailable',
    hint: expect.stringContaining("built-in provider 'codex'"),
  });
  expect([asked, readFileSync(join(home, '.codex/auth.json'), 'utf8')]).toEqual([[], login]);
  unlinkSync(join(home, 'token.json'));
  writeFileSync(join(home, 'token.json'), login);
  await plugin.refresh(context).catch(() => undefined);
  expect(asked.length).toBeGreaterThan(0);
});
