import { fileURLToPath } from 'node:url';
import { defaultExclude, defineConfig } from 'vitest/config';
import { LongestFirst } from './tests/support/longest-first.ts';

const source = (file: string) => fileURLToPath(new URL(file, import.meta.url));

// `--mode torture` runs the full counts of docs/reliability.md, which takes about 20 minutes. `--mode platforms` runs
// what installs the package, or runs it on another system or another Node.
export default defineConfig(({ mode }) => ({
  resolve: {
    alias: {
      'session-keepalive/sdk': source('./sdk/index.ts'),
      'session-keepalive/client': source('./sdk/client/client.ts'),
      'session-keepalive/recipes': source('./sdk/recipes/index.ts'),
      'session-keepalive/testing': source('./sdk/testing/index.ts'),
    },
  },
  test: {
    include: mode === 'platforms' ? ['tests/platforms/**/*.test.ts'] : ['tests/**/*.test.ts'],
    exclude: [...defaultExclude, ...(mode === 'platforms' ? [] : ['tests/platforms/**'])],
    globalSetup: [
      'tests/support/io/own-folder.ts',
      'tests/support/build.ts',
      ...(mode === 'platforms' ? ['tests/support/platforms/pack.ts'] : []),
    ],
    setupFiles: ['tests/support/each-test.ts'],
    restoreMocks: true,
    // Most tests wait for programs that they started, so there are more workers than cores. Test files leave no state,
    // so workers keep their modules. Full counts compute, and some measure memory: each file gets a core and modules.
    maxWorkers: { torture: 2, platforms: 3 }[mode] ?? 4,
    isolate: mode === 'torture',
    ...(mode === 'torture' ? { sequence: { sequencer: LongestFirst } } : {}),
    // Tests wait for events. The limits only end a test that hangs, also on a busy machine.
    testTimeout: { torture: 900_000, platforms: 600_000 }[mode] ?? 60_000,
    hookTimeout: mode === 'platforms' ? 600_000 : 60_000,
    expect: { poll: { timeout: 30_000 } },
    // Times of day are written as the locale does.
    env: { LC_ALL: 'C', ...(mode === 'torture' ? { KEEPALIVE_TORTURE: '1' } : {}) },
    coverage: {
      include: [
        'sdk/**/*.ts',
        'kernel/**/*.ts',
        'runtime/**/*.ts',
        'server/**/*.ts',
        'lifecycle/**/*.ts',
        'config/**/*.ts',
        'state/**/*.ts',
        'plugins/**/*.ts',
      ],
      reporter: ['text', 'html'],
    },
  },
}));
