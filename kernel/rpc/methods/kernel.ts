import type { Notices } from '../../notices/notices.ts';
import type { Sessions } from '../../session/sessions.ts';
import type { ConfigHolder, KernelOptions } from '../../wiring/tokens.ts';
import type { Handlers } from '../../../sdk/contract/rpc.ts';
import type { KernelControl } from './control.ts';

type Deps = {
  readonly options: KernelOptions;
  readonly config: ConfigHolder;
  readonly sessions: Sessions;
  readonly notices: Notices;
  readonly control: KernelControl;
};

export const kernelHandlers = (deps: Deps): Handlers<'kernel' | 'notice' | 'page'> => {
  const { options, config, sessions, notices, control } = deps;
  return {
    'kernel/info': () => ({
      name: 'session-keepalive',
      version: options.version,
      pid: process.pid,
      home: options.home.stateDir,
      startedAt: options.startedAt,
      configFile: config.current.file,
      sessions: sessions.ids.length,
      clients: control.clients(),
      pages: control.openedPages(),
    }),
    'kernel/stop': () => (control.stop('asked by a client'), null),
    'kernel/reload': async () => (await control.reload(), null),
    'page/open': ({ file = false }) => control.openPage(file),
    'page/close': () => {
      notices.clear('link-reused');
      return { closed: control.closePages() };
    },
    'notice/list': () => notices.list(),
  };
};
