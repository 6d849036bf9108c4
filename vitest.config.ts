import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (file: string) => fileURLToPath(new URL(file, import.meta.url));

export default defineConfig({
  resolve: {
    alias: {
      'session-keepalive/sdk': source('./sdk/index.ts'),
      'session-keepalive/client': source('./sdk/client.ts'),
      'session-keepalive/testing': source('./sdk/testing.ts'),
    },
  },
  test: {
    include: ['tests/**/*.test.ts'],
    globalSetup: ['tests/support/build.ts'],
    restoreMocks: true,
    testTimeout: 30_000,
    coverage: { include: ['sdk/**/*.ts', 'kernel/**/*.ts', 'plugins/**/*.ts'], reporter: ['text', 'html'] },
  },
});
