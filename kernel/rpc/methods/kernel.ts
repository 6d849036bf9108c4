import { installedNow } from '../../../runtime/installation.ts';
import type { Notices } from '../../notices/notices.ts';
import type { Notifiers } from '../../notices/notifiers.ts';
import type { Sessions } from '../../session/sessions.ts';
import type { ConfigHolder, Events, KernelOptions } from '../../wiring/tokens.ts';
import { API_VERSION } from '../../../sdk/contract/api-version.ts';
import type {
  Addition,
  CheckedParams,
  Handlers,
  OpenedPage,
  RpcResult,
  WarmUp,
  WarmUpCost,
} from '../../../sdk/contract/rpc.ts';
import type { Session } from '../../../sdk/contract/session.ts';

/** Actions of the running kernel that methods call. */
export type KernelControl = {
  readonly stop: (reason: string) => void;
  readonly reload: () => Promise<void>;
  readonly clients: () => number;
  readonly openPage: (params: CheckedParams<'page/open'>) => Promise<RpcResult<'page/open'>>;
  readonly closePages: () => number;
  readonly openedPages: () => readonly OpenedPage[];
  readonly addSession: (addition: Addition) => Promise<Session>;
  readonly removeSession: (id: string) => Promise<void>;
  readonly addWarmUp: (options: Addition['options']) => Promise<WarmUp>;
  readonly removeWarmUp: (id: string) => Promise<void>;
  readonly warmUpCost: (options: Addition['options']) => Promise<WarmUpCost>;
};

type Deps = {
  readonly options: KernelOptions;
  readonly config: ConfigHolder;
  readonly sessions: Sessions;
  readonly notifiers: Notifiers;
  readonly notices: Notices;
  readonly events: Events;
  readonly control: KernelControl;
};

export const kernelHandlers = (deps: Deps): Handlers<'kernel' | 'notice' | 'notifier' | 'page'> => {
  const { options, config, sessions, notifiers, notices, events, control } = deps;
  return {
    'kernel/info': () => {
      const { version, home, startedAt, byService = false } = options;
      const installed = installedNow(startedAt);
      return {
        name: 'session-keepalive',
        version,
        apiVersion: API_VERSION,
        pid: process.pid,
        home: home.stateDir,
        startedAt,
        byService,
        configFile: config.current.file,
        configProblem: config.refusal?.problem,
        installedVersion: installed.version,
        rebuiltAt: installed.rebuiltAt,
        sessions: sessions.ids.length,
        clients: control.clients(),
        pages: control.openedPages(),
      };
    },
    'kernel/stop': () => (control.stop('asked by a client'), null),
    'kernel/reload': async () => (await control.reload(), null),
    'page/open': params => control.openPage(params),
    'page/close': () => {
      notices.clear('link-reused');
      return { closed: control.closePages() };
    },
    'notice/list': () => notices.list(),
    'notifier/list': () => notifiers.list(),
    'notifier/configure': async ({ id, enabled }) => {
      const changed = await notifiers.configure(id, enabled);
      // No session has changed, so only this tells the other clients.
      events.emit('reloaded', config.current.file);
      return changed;
    },
    'notifier/test': ({ id }) => notifiers.test(id),
  };
};
