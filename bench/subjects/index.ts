import type { Benchmark } from '../benchmark.ts';

/** Every benchmark by its name, in the order in which they run. */
export const BENCHMARKS: Readonly<Record<string, () => Promise<Benchmark>>> = {
  redeem: async () => (await import('./redeem.ts')).redeem,
  attempts: async () => (await import('./attempts.ts')).attempts,
  states: async () => (await import('./states.ts')).states,
  sessions: async () => (await import('./sessions.ts')).sessions,
  terminal: async () => (await import('./terminal.ts')).terminal,
  isolation: async () => (await import('./isolation.ts')).isolation,
  rpc: async () => (await import('./rpc.ts')).rpc,
  metrics: async () => (await import('./metrics.ts')).metrics,
  alarms: async () => (await import('./alarms.ts')).alarms,
  fleet: async () => (await import('./fleet.ts')).fleet,
  idle: async () => (await import('./idle.ts')).idle,
  memory: async () => (await import('./memory.ts')).memory,
  gate: async () => (await import('./gate.ts')).gate,
  start: async () => (await import('./start.ts')).start,
};
