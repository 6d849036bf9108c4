import type { Handlers } from '../../../sdk/contract/rpc.ts';
import type { WarmUps } from '../../warm-ups/warm-ups.ts';
import type { KernelControl } from './kernel.ts';

type Deps = {
  readonly warmUps: WarmUps;
  readonly control: Pick<KernelControl, 'addWarmUp' | 'removeWarmUp' | 'warmUpCost'>;
};

export const warmUpHandlers = ({ warmUps, control }: Deps): Handlers<'warmup'> => ({
  'warmup/list': params => warmUps.list(params),
  'warmup/history': params => warmUps.history(params),
  'warmup/cost': ({ options }) => control.warmUpCost(options),
  'warmup/add': ({ options }) => control.addWarmUp(options),
  'warmup/remove': async ({ id }) => (await control.removeWarmUp(id), null),
  'warmup/resume': ({ id }) => warmUps.resume(id),
});
