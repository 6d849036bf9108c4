import { contractTest, type PluginTemplate } from './template.ts';

/** A frontend that serves a page, which shows the sessions. */
export const frontend: PluginTemplate = id => ({ source: source(id), test: test(id) });

const source = (id: string): string => `import { defineFrontend } from 'session-keepalive/sdk';

export interface Options {
  readonly title?: string;
}

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, character => \`&#\${character.charCodeAt(0)};\`);

/** Serves a page that lists the sessions. \`keepalive ui ${id}\` opens it. */
export default function create({ title = '${id}' }: Options = {}) {
  return defineFrontend({
    id: '${id}',
    async start({ client, serve }) {
      return serve(async () => {
        const sessions = await client.request('session/list');
        const items = sessions.map(({ displayName, state }) => \`<li>\${escaped(displayName)}: \${state.name}</li>\`);
        const html = \`<!doctype html><title>\${escaped(title)}</title><ul>\${items.join('')}</ul>\`;
        return new Map([['index.html', { type: 'text/html; charset=utf-8', body: new TextEncoder().encode(html) }]]);
      });
    },
  });
}
`;

const test = (id: string): string => `${contractTest.replace('fakeContext, ', '')}
test('it has an id', () => {
  expect(create().id).toBe('${id}');
});
`;
