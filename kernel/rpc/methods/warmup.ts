import type { Handlers } from '../../../sdk/contract/rpc.ts';
import type { WarmUps } from '../../warm-ups/warm-ups.ts';
import type { WarmUpNotices } from '../../warm-ups/warm-up-notices.ts';
import type { KernelControl } from './kernel.ts';

type Deps = {
  readonly warmUps: WarmUps;
  readonly warmUpNotices: Pick<WarmUpNotices, 'settle'>;
  readonly control: Pick<KernelControl, 'addWarmUp' | 'removeWarmUp' | 'warmUpCost'>;
};

export const warmUpHandlers = ({ warmUps, warmUpNotices, control }: Deps): Handlers<'warmup'> => ({
  'warmup/list': params => warmUps.list(params),
  'warmup/history': params => warmUps.history(params),
  'warmup/cost': ({ options }) => control.warmUpCost(options),
  'warmup/add': ({ options }) => control.addWarmUp(options),
  'warmup/remove': async ({ id }) => (await control.removeWarmUp(id), null),
  'warmup/resume': async ({ id }) => {
    const resumed = await warmUps.resume(id);
    await warmUpNotices.settle();
    return resumed;
  },
});
