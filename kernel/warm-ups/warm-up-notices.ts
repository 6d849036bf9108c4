import { inject, Lifecycle, scoped } from 'tsyringe';
import { warmUpPaused } from '../../lifecycle/notice-rules.ts';
import type { KernelLog } from '../../runtime/log/log.ts';
import { Notices } from '../notices/notices.ts';
import { Plugins } from '../plugins/plugins.ts';
import { Log } from '../wiring/tokens.ts';
import { WarmUps } from './warm-ups.ts';

/** Tells the user about warm-ups that have paused themselves. */
@scoped(Lifecycle.ContainerScoped)
export class WarmUpNotices {
  constructor(
    @inject(WarmUps) private readonly warmUps: WarmUps,
    @inject(Notices) private readonly notices: Notices,
    @inject(Plugins) private readonly plugins: Plugins,
    @inject(Log) private readonly log: KernelLog,
  ) {}

  /** Raises a notice for each warm-up that is paused, and clears those of the others and of removed ones. */
  async settle(): Promise<void> {
    try {
      const shown = await this.warmUps.list({ plan: 1 });
      const drafts = shown.flatMap(({ id, paused }) => (paused ? [warmUpPaused(id, paused.why)] : []));
      for (const draft of drafts) this.notices.put(draft);
      const ids = drafts.map(({ id }) => id);
      if (!this.plugins.isLoading) this.notices.clear('warmup-paused', ids);
    } catch (error) {
      this.log.error({ err: error }, 'the warm-ups could not be read');
    }
  }
}
