import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (file: string) => fileURLToPath(new URL(file, import.meta.url));

// `--mode torture` tries everything as often as docs/reliability.md asks: minutes where others take moments.
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
    include: ['tests/**/*.test.ts'],
    globalSetup: ['tests/support/build.ts'],
    setupFiles: ['tests/support/each-test.ts'],
    restoreMocks: true,
    // Most tests wait for programs that they started. Nothing of one file is left to the next, so workers go on with the modules that they have.
    // Full counts compute, and some weigh what the process holds: those get a core and modules of their own.
    maxWorkers: mode === 'torture' ? 2 : 4,
    isolate: mode === 'torture',
    // What is waited for is what counts; how long it takes on a machine that others keep busy does not.
    testTimeout: mode === 'torture' ? 900_000 : 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 15_000 } },
    env: mode === 'torture' ? { KEEPALIVE_TORTURE: '1' } : {},
    coverage: {
      include: ['sdk/**/*.ts', 'kernel/**/*.ts', 'runtime/**/*.ts', 'server/**/*.ts', 'plugins/**/*.ts'],
      reporter: ['text', 'html'],
    },
  },
}));
