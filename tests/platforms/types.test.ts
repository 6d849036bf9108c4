import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { run, scratch } from '../support/platforms/programs.ts';

// The types of the packed package, compiled as a user of it compiles them: every declaration is checked.

const VERSIONS = ['5.4.5', '5.5.4', '5.7.3', '5.9.3', '6.0.3', '7.0.2'];
const RESOLUTIONS: readonly (readonly [resolution: string, module: string])[] = [
  ['node16', 'node16'],
  ['nodenext', 'nodenext'],
  ['bundler', 'esnext'],
];

const app = scratch('types');
beforeAll(async () => {
  writeFileSync(join(app, 'package.json'), '{"name":"app","type":"module","private":true}');
  writeFileSync(join(app, 'use.ts'), CONSUMER);
  const compilers = VERSIONS.map(version => `ts-${version}@npm:typescript@${version}`);
  const packages = [inject('tarball'), '@types/node@20.19.43', ...compilers];
  await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...packages], { cwd: app });
});

describe.each(VERSIONS)('TypeScript %s', version => {
  test.concurrent.each(RESOLUTIONS)('compiles a consumer with the resolution %s', async (resolution, module) => {
    const folder = join(app, `${version}-${resolution}`);
    mkdirSync(folder);
    const compilerOptions = {
      module,
      moduleResolution: resolution,
      target: 'es2022',
      lib: ['es2022'],
      types: ['node'],
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: false,
      noEmit: true,
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['../use.ts'] }));
    const compiler = join(app, `node_modules/ts-${version}/bin/tsc`);
    const compiled = run('node', [compiler, '-p', folder], { cwd: app });
    expect(
      await compiled.then(
        ({ stdout }) => stdout,
        (error: { readonly stdout: string }) => error.stdout,
      ),
    ).toBe('');
  });
});

const CONSUMER = `import { API_VERSION, defineConfig, defineProvider } from 'session-keepalive/sdk';
import type { KernelInfo, Session } from 'session-keepalive/sdk';
import { connect, KeepaliveError, type KeepaliveClient } from 'session-keepalive/client';
import { defineCommandSession, defineCookieSession, defineOAuthSession } from 'session-keepalive/recipes';
import { fakeContext, testProvider } from 'session-keepalive/testing';
import * as main from 'session-keepalive';

export const plugin = defineProvider({ id: 'acme', displayName: 'Acme', refresh: async () => ({ status: 'fresh' }) });
export const config = defineConfig({ plugins: ['auto', ['codex', { id: 'work' }], plugin], logLevel: 'info' });
export const recipes = [defineCommandSession, defineCookieSession, defineOAuthSession, fakeContext, testProvider, main];

export async function use(): Promise<readonly string[]> {
  const client: KeepaliveClient = await connect({ wait: true });
  const info: KernelInfo = await client.request('kernel/info');
  if (info.apiVersion !== API_VERSION) throw new KeepaliveError('KA_PLUGIN_API');
  const sessions: readonly Session[] = await client.request('session/list');
  await client.request('session/configure', { id: 'a', policy: { schedule: { mode: 'daily', at: '09:00' } } });
  client.on('session/didChange', ({ state }) => void (state.name === 'alive' && state.expiresAt?.toFixed()));
  // @ts-expect-error there is no such method
  await client.request('session/delete');
  // @ts-expect-error the id is a text
  await client.request('session/get', { id: 1 });
  // @ts-expect-error a mode has a name
  await client.request('session/configure', { id: 'a', policy: { schedule: { mode: 'never' } } });
  // @ts-expect-error there is no such member
  return sessions.map(({ id, secret }) => id + secret);
}
`;
