import { Gauge, Histogram, Registry } from 'prom-client';
import type { Attempt, Notice } from '../../sdk/contract/session.ts';
import type { Watched } from './families.ts';
import { SessionSeries, type Format } from './session-series.ts';

const LEVELS: readonly Notice['level'][] = ['info', 'warning', 'error'];

/** All metrics, and their text in both formats. */
export class Exposition {
  readonly #series = new SessionSeries();
  // It has no counter, so both formats show it alike. Only OpenMetrics allows no empty lines.
  readonly #registry = new Registry();
  readonly #duration = new Histogram({
    name: 'keepalive_attempt_duration_seconds',
    help: 'How long attempts took.',
    labelNames: ['provider'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120],
    registers: [this.#registry],
  });
  readonly #lateness = new Histogram({
    name: 'keepalive_attempt_lateness_seconds',
    help: 'How long after its planned time an attempt began.',
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900],
    registers: [this.#registry],
  });
  readonly #notices = new Gauge({
    name: 'keepalive_notices',
    help: 'Notices that are raised now.',
    labelNames: ['level'],
    registers: [this.#registry],
  });

  /** `clients` counts the clients of the kernel. It is called at each rendering, because no notification says so. */
  constructor(version: string, clients: () => Promise<number>) {
    const clientCount = new Gauge({
      name: 'keepalive_clients',
      help: 'Clients that are connected to the daemon, this one included.',
      registers: [],
      async collect() {
        this.set(await clients());
      },
    });
    const buildInfo = new Gauge({
      name: 'keepalive_build_info',
      help: 'The version of the daemon.',
      labelNames: ['version'],
      registers: [],
    });
    buildInfo.set({ version }, 1);
    this.#registry.registerMetric(clientCount);
    this.#registry.registerMetric(buildInfo);
    this.notices([]);
  }

  session(watched: Watched): void {
    this.#series.put(watched);
  }

  removed(id: string): void {
    this.#series.delete(id);
  }

  /** `dueAt` is the time for which the attempt was planned, if it was. */
  attempt({ startedAt, endedAt }: Attempt, provider: string, dueAt: number | undefined): void {
    this.#duration.observe({ provider }, Math.max(0, endedAt - startedAt) / 1_000);
    if (dueAt !== undefined) this.#lateness.observe(Math.max(0, startedAt - dueAt) / 1_000);
  }

  notices(raised: readonly Notice[]): void {
    for (const level of LEVELS) this.#notices.set({ level }, raised.filter(notice => notice.level === level).length);
  }

  async render(format: Format): Promise<string> {
    const others = (await this.#registry.metrics()).replaceAll('\n\n', '\n');
    return [...this.#series.parts(format), others, format === 'openmetrics' ? '# EOF\n' : ''].join('');
  }
}
