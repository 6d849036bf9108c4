import { defineConfig } from 'vitest/config';

const source = (file: string) => new URL(file, import.meta.url).pathname;

export default defineConfig({
  resolve: {
    alias: {
      'session-keepalive/sdk': source('./sdk/index.ts'),
      'session-keepalive/client': source('./sdk/client.ts'),
      'session-keepalive/testing': source('./sdk/testing.ts'),
    },
  },
  test: { include: ['tests/**/*.test.ts'], restoreMocks: true, testTimeout: 15_000 },
});
