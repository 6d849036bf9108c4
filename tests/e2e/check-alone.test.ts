import { expect, test } from 'vitest';
import { KEEPALIVE, run, temporaryHome } from '../support/daemon/daemon.ts';

// `check` without a daemon serves itself, unless the code of someone else would run in its process.

const PLUGIN = `
  console.log('printed while it was loaded');
  export default () => ({
    kind: 'provider', id: 'mine', displayName: 'Mine',
    refresh: async () => ({ status: 'fresh' }),
    inspect: async () => { console.log('printed while it looked'); return { present: true }; },
  });
`;

const NAMED = JSON.stringify({ plugins: [['./mine.mjs', {}, { isolated: false }]] });

test.each([
  ['a plugin of a JSON configuration, in its own process', 'keepalive.config.json', '{"plugins":["./mine.mjs"]}'],
  ['a plugin that is not isolated', 'keepalive.config.json', NAMED],
  ['a configuration that is code', 'keepalive.config.mjs', `console.log('printed'); export default ${NAMED};`],
])('check --json prints one document, whatever this prints: %s', async (_, name, text) => {
  const home = temporaryHome({ [name]: text, 'mine.mjs': PLUGIN });
  const { code, stdout } = await run(KEEPALIVE, ['check', '--json'], home);
  expect(JSON.parse(stdout)).toMatchObject([{ id: 'mine' }]);
  expect(code).toBe(0);
});

test('a refused configuration ends check as it ends a kernel', async () => {
  const home = temporaryHome({ 'keepalive.config.json': '{"plugins":[["oauth",{"no":1}]]}' });
  const { code, stderr } = await run(KEEPALIVE, ['check'], home);
  expect(stderr).toContain('keepalive.config.json');
  expect(code).toBe(7);
});
