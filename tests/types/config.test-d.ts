import { defineConfig, type Duration, type PartialPolicy, type PolicyPatch } from '../../sdk/index.ts';

defineConfig({
  plugins: [
    'codex',
    ['codex', { id: 'codex-work', home: '~/.codex-work' }],
    ['./acme.ts', {}, { isolated: false }],
    { kind: 'provider', id: 'acme', displayName: 'Acme', refresh: async () => ({ status: 'fresh' }) },
  ],
  policy: { minInterval: '2m', jitter: 0 },
  sessions: { codex: { schedule: { mode: 'daily', at: '09:00', timezone: 'Europe/Berlin', days: ['mon', 'fri'] } } },
  rpc: { port: 0 },
  concurrency: 3,
  logLevel: 'debug',
});

// @ts-expect-error nothing is kept alive without plugins
defineConfig({ policy: {} });
// @ts-expect-error an entry with options is a pair
defineConfig({ plugins: [['codex']] });
// @ts-expect-error misspelt
defineConfig({ plugins: [['codex', {}, { isolate: true }]] });
// @ts-expect-error a bare number has no unit
defineConfig({ plugins: [], policy: { minInterval: 120 } });
// @ts-expect-error nor does a text of digits
defineConfig({ plugins: [], policy: { minInterval: '120' } });
// @ts-expect-error weeks are not a unit
defineConfig({ plugins: [], policy: { timeout: '1w' } });
// @ts-expect-error an interval needs `every`
defineConfig({ plugins: [], policy: { schedule: { mode: 'interval' } } });
// @ts-expect-error a member of another mode
defineConfig({ plugins: [], policy: { schedule: { mode: 'interval', every: '1h', buffer: '5m' } } });
// @ts-expect-error days are abbreviated
defineConfig({ plugins: [], policy: { schedule: { mode: 'daily', at: '09:00', days: ['monday'] } } });
// @ts-expect-error misspelt
defineConfig({ plugins: [], logLevel: 'verbose' });
// @ts-expect-error misspelt
defineConfig({ plugins: [], policy: { minIntervall: '2m' } });

export const durations: readonly Duration[] = ['500ms', '90s', '30m', '1h', '7d', '1.5h'];
// @ts-expect-error the unit is a letter or two
export const wordy: Duration = '5min';

export const patch: PolicyPatch = { schedule: null, retries: 5, timeout: undefined };
// @ts-expect-error only a patch can reset a member
export const partial: PartialPolicy = { schedule: null };
// @ts-expect-error the whole backoff or none of it
export const half: PolicyPatch = { backoff: { initial: '1m' } };
