import type { Notices } from '../../notices/notices.ts';
import type { Sessions } from '../../session/sessions.ts';
import type { ConfigHolder, KernelOptions } from '../../wiring/tokens.ts';
import type { Addition, Handlers, OpenedPage, RpcResult } from '../../../sdk/contract/rpc.ts';
import type { Session } from '../../../sdk/contract/session.ts';

/** Actions of the running kernel that methods call. */
export type KernelControl = {
  readonly stop: (reason: string) => void;
  readonly reload: () => Promise<void>;
  readonly clients: () => number;
  readonly openPage: (withFile: boolean) => Promise<RpcResult<'page/open'>>;
  readonly closePages: () => number;
  readonly openedPages: () => readonly OpenedPage[];
  readonly addSession: (addition: Addition) => Promise<Session>;
  readonly removeSession: (id: string) => Promise<void>;
};

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
