import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findConfig } from '../../config/find.ts';
import { jsonTrouble } from '../../config/json-trouble.ts';
import { textOf } from '../../config/parse.ts';
import { openSettings } from '../../state/settings.ts';
import { silentLog } from '../../runtime/log/log.ts';
import { locateHome } from '../../sdk/system/home.ts';
import { readStates } from '../../plugins/ui-cli/prompt/states-file.ts';
import { temporaryHome } from '../support/daemon/daemon.ts';
import { damaged, bytesOf } from '../support/io/mutations.ts';

const MARK = '\uFEFF';
const find = (folder: string) => findConfig(locateHome({ KEEPALIVE_HOME: folder }), undefined);

/** The same configuration in each form. */
const FORMS: readonly (readonly [name: string, text: string])[] = [
  ['keepalive.config.ts', "export default { plugins: ['codex'] };"],
  ['keepalive.config.mts', "export default { plugins: ['codex'] };"],
  ['keepalive.config.js', "export default { plugins: ['codex'] };"],
  ['keepalive.config.mjs', "export default { plugins: ['codex'] };"],
  ['keepalive.config.cjs', "module.exports = { plugins: ['codex'] };"],
  ['keepalive.config.json', '{"plugins":["codex"]}'],
  ['keepalive.config.yaml', 'plugins: [codex]\n'],
  ['.keepaliverc', 'plugins: [codex]\n'],
  ['.keepaliverc.json', '{"plugins":["codex"]}'],
  ['package.json', '{"name":"x","keepalive":{"plugins":["codex"]}}'],
];

describe.each(FORMS)('%s as editors and shells write it', (name, text) => {
  test('is read as UTF-8 with a byte order mark', async () => {
    expect(await find(temporaryHome({ [name]: MARK + text }))).toMatchObject({ plugins: ['codex'] });
  });

  // In UTF-16, our key in a package.json is not found, so the file is ignored.
  test.skipIf(name === 'package.json')('is refused as UTF-16, which the error names', async () => {
    const folder = temporaryHome();
    for (const start of [MARK, '']) {
      const bytes = Buffer.from(start + text, 'utf16le');
      for (const encoded of [bytes, Buffer.from(bytes).swap16()]) {
        writeFileSync(join(folder, name), encoded);
        await expect(find(folder)).rejects.toMatchObject({
          details: { problems: [{ path: '', message: 'it is UTF-16 text: save it as UTF-8' }] },
        });
      }
    }
  });
});

test('UTF-8 text is never mistaken for UTF-16', () => {
  for (const text of ['', '{', '{}', 'a: ü', '日本', '\0\0', 'ÿþ']) expect(textOf(Buffer.from(text))).toBe(text);
});

test('a package.json with a byte order mark and without our key is ignored, even if it contains the word', async () => {
  expect(await find(temporaryHome({ 'package.json': `${MARK}{"keywords":["keepalive"]}` }))).toMatchObject({
    file: null,
  });
});

describe('text that is not JSON is reported with problem and position', () => {
  test.each([
    ['', 'expected a value, but the text ends', 0],
    [' \n', 'expected a value, but the text ends', 2],
    ['{"a":1,}', 'expected a name in double quotes, found }', 7],
    ['[1,]', 'expected a value, found ]', 3],
    ['[1 2]', 'expected a comma or ], found 2', 3],
    ['{"a" 1}', 'expected a colon, found 1', 5],
    ['{a: 1}', 'expected a name in double quotes, or }, found a', 1],
    ["{'a': 1}", "expected a name in double quotes, or }, found '", 1],
    ['{} {}', 'expected nothing more, found {', 3],
    ['// mine\n{}', 'comments are not allowed', 0],
    ['{"a": /* b */ 1}', 'comments are not allowed', 6],
    ['# mine', 'comments are not allowed', 0],
    ['{"a": "b\nc"}', 'expected a string closed on the same line, with \\ and control characters escaped', 6],
    ['["C:\\users"]', 'expected a string closed on the same line, with \\ and control characters escaped', 1],
    ['[01]', 'expected a value or ], found 0', 1],
    ['[.5]', 'expected a value or ], found .', 1],
    ['[nul]', 'expected a value or ], found n', 1],
    ['[\u00A01]', 'expected a value or ], found U+00A0', 1],
    ['[\u202E]', 'expected a value or ], found U+202E', 1],
    ['[😀]', 'expected a value or ], found 😀', 1],
  ])('%j', (text, message, offset) => {
    expect(jsonTrouble(text)).toEqual({ message, offset });
  });

  test('accepts the same texts as JSON.parse, for any change of a valid text', () => {
    const good = JSON.stringify(
      { plugins: ['codex', ['oauth', { id: 'x', n: [-1.5e-3, 0, true, null], s: 'a"\\\u00e9\n' }]], policy: {} },
      null,
      1,
    );
    fc.assert(
      fc.property(damaged(good), letters => {
        const text = bytesOf(letters).toString('utf8');
        let parses = true;
        try {
          JSON.parse(text);
        } catch {
          parses = false;
        }
        expect([text, jsonTrouble(text) === undefined]).toEqual([text, parses]);
      }),
      { numRuns: 500 },
    );
    fc.assert(fc.property(fc.json(), text => void expect(jsonTrouble(text)).toBeUndefined()));
  });
});

describe('our own files with a byte order mark from an editor', () => {
  test('settings are read and not treated as damaged', async () => {
    const folder = temporaryHome({ 'settings.json': `${MARK}{"version":1,"sessions":{"codex":{"enabled":false}}}` });
    const settings = await openSettings(join(folder, 'settings.json'), silentLog());
    expect(settings.of('codex')).toEqual({ enabled: false });
    expect(execFileSync('ls', [folder], { encoding: 'utf8' }).trim()).toBe('settings.json');
  });

  test('the states are read by the prompt', () => {
    const states = { version: 1, sessions: { codex: { state: { name: 'alive', wakeAt: 1 } } } };
    const folder = temporaryHome({ 'states.json': MARK + JSON.stringify(states) });
    expect(Object.keys(readStates(join(folder, 'states.json'))?.sessions ?? {})).toEqual(['codex']);
  });
});
