import { EventEmitter } from 'node:events';
import { defineFrontend, type FrontendPlugin } from '../../sdk/plugin/frontend.ts';
import type { WarmUpRun } from '../../sdk/contract/rpc.ts';
import { checkOptions } from '../../sdk/plugin/options.ts';
import { DRIVERS, type Drivers } from './drivers.ts';
import { optionsSchema, settingsOf, type WarmUpOptions } from './options.ts';
import { forget, history, resume, show } from './view.ts';

export type { WarmUpOptions } from './options.ts';

/** Sends a prompt at chosen times with the user's own vendor program, so that a usage window begins then. */
export default function warmup(options: WarmUpOptions, drivers: Drivers = DRIVERS): FrontendPlugin {
  const checked = checkOptions(optionsSchema, options);
  const settings = settingsOf(checked);
  const runs = new EventEmitter<{ run: [WarmUpRun] }>();
  const about = { options: checked, settings, drivers };
  return defineFrontend({
    id: checked.id,
    async start(context) {
      // A command that only shows the plan loads nothing of this.
      const [{ Runner }, { uptimeMs }] = await Promise.all([import('./runner.ts'), import('./process.ts')]);
      const runner = new Runner({ settings, drivers, uptimeMs, onRun: run => void runs.emit('run', run) }, context);
      await runner.start();
      return () => runner.stop();
    },
    warmUps: {
      show: (plan, context) => show(about, plan, context),
      history: context => history(about, context),
      resume: context => resume(about, context),
      forget: context => forget(about, context),
      onRun(listener) {
        runs.on('run', listener);
        return () => void runs.off('run', listener);
      },
    },
  });
}
