import type { Handlers } from '../../../sdk/contract/rpc.ts';
import { joined } from '../../../sdk/base/in-turn.ts';
import type { Plugins } from '../../plugins/plugins.ts';
import type { Tools } from '../../tools/tools.ts';
import type { KernelOptions } from '../../wiring/tokens.ts';

type Deps = {
  readonly options: Pick<KernelOptions, 'armed'>;
  readonly plugins: Pick<Plugins, 'lookAgain'>;
  readonly tools: Pick<Tools, 'list' | 'keepersOf'>;
};

/** Clients that ask at the same time share one answer. */
export const toolHandlers = ({ options: { armed }, plugins, tools }: Deps): Handlers<'tool'> => ({
  'tool/list': joined(async () => {
    // The sessions of a kernel for one command stay as they are.
    if (armed) await plugins.lookAgain();
    return tools.list();
  }),
  'tool/sessions': ({ plugin, env }) => tools.keepersOf(plugin, env),
});
