import { inject, Lifecycle, scoped } from 'tsyringe';
import type { Finding, OpenedPage, RpcMethods, RpcResult } from '../../sdk/contract/rpc.ts';
import { isOfKernel, type Notice, type Session } from '../../sdk/contract/session.ts';
import { makeBundle } from '../diagnostics/support-bundle.ts';
import { Doctor } from '../diagnostics/doctor.ts';
import { Events } from '../events.ts';
import { History } from '../state/history.ts';
import { joined } from '../../runtime/in-turn.ts';
import { Notices } from '../notices/notices.ts';
import { Plugins } from '../plugins/plugins.ts';
import { explain } from '../diagnostics/explain.ts';
import type { Keeper } from '../session/keeper.ts';
import { Scrubber } from '../../runtime/log/redact.ts';
import { planOf } from '../diagnostics/plan.ts';
import { Sessions } from '../session/sessions.ts';
import { withoutNext } from '../session/view.ts';
import { ConfigHolder, KernelOptions, type ConfigHolder as Config, type KernelOptions as Options } from '../tokens.ts';
import { openRpcDocument } from './open-rpc.ts';

const DAY_MS = 86_400_000;

type Awaitable<T> = T | Promise<T>;
/** A table of what answers each method; one that is forgotten does not compile. */
export type RpcHandlers = {
  readonly [M in keyof RpcMethods]: (params: Parameters<RpcMethods[M]>[0]) => Awaitable<ReturnType<RpcMethods[M]>>;
};

/** What only the kernel itself can do. */
export type KernelControl = {
  readonly stop: (reason: string) => void;
  readonly reload: () => Promise<void>;
  readonly clients: () => number;
  readonly openPage: (withFile: boolean) => Promise<RpcResult<'page/open'>>;
  readonly closePages: () => number;
  readonly openedPages: () => readonly OpenedPage[];
};

/** Doctor's findings about the API itself. */
function findingsOn(pages: readonly OpenedPage[], notices: readonly Notice[]): readonly Finding[] {
  const opened: readonly Finding[] =
    pages.length === 0
      ? []
      : [
          {
            level: 'info',
            subject: 'page',
            message: `${pages.length === 1 ? '1 settings page is' : `${pages.length} settings pages are`} open`,
            action: 'keepalive ui --close',
          },
        ];
  return [
    ...opened,
    ...notices.filter(isOfKernel).map(({ title, body, action }): Finding => ({
      level: 'warning',
      subject: 'api',
      message: `${title}. ${body}`,
      action,
    })),
  ];
}

/** Answers what clients ask. */
@scoped(Lifecycle.ContainerScoped)
export class Methods {
  constructor(
    @inject(Sessions) private readonly sessions: Sessions,
    @inject(Plugins) private readonly plugins: Plugins,
    @inject(History) private readonly history: History,
    @inject(Notices) private readonly notices: Notices,
    @inject(Doctor) private readonly doctor: Doctor,
    @inject(Events) private readonly events: Events,
    @inject(ConfigHolder) private readonly config: Config,
    @inject(KernelOptions) private readonly options: Options,
    @inject(Scrubber) private readonly scrubber: Scrubber,
  ) {}

  table(control: KernelControl): RpcHandlers {
    const { sessions, options, config } = this;
    const act = async (id: string, action: (keeper: Keeper) => unknown): Promise<Session> => {
      const keeper = sessions.get(id);
      await action(keeper);
      return keeper.session;
    };
    // A daemon sees its credentials change. Without one, the record may be about an earlier credential.
    const now = async (keeper: Keeper) => (options.armed ? keeper.session : keeper.look());
    let document: RpcResult<'rpc.discover'> | undefined;
    // They look at every program and every file: for all who ask at one time, once.
    const doctor = joined(() => {
      const { infos, asleep } = this.plugins;
      return this.doctor.run(infos, asleep, findingsOn(control.openedPages(), this.notices.list()));
    });
    const bundle = joined(() => makeBundle(handlers, options, config.current, this.scrubber));
    const handlers: RpcHandlers = {
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
      'session/list': () => sessions.all().map(keeper => keeper.session),
      'session/get': ({ id }) => sessions.get(id).session,
      'session/refresh': ({ id, force = false }) => act(id, keeper => keeper.refresh(force)),
      'session/pause': ({ id }) => act(id, keeper => keeper.pause()),
      'session/resume': ({ id }) => act(id, keeper => keeper.dispatch({ type: 'resume' })),
      'session/configure': ({ id, policy }) => act(id, () => sessions.configure(id, policy)),
      'session/explain': async ({ id }) => {
        const keeper = sessions.get(id);
        const seen = await keeper.inspect().catch(() => undefined);
        return explain(await now(keeper), Date.now(), seen?.present ? seen.hint : undefined);
      },
      'session/look': async ({ id }) => {
        const looked = await sessions.get(id).look();
        return options.armed ? looked : withoutNext(looked);
      },
      'session/plan': async ({ id, until = Date.now() + DAY_MS }) => {
        const keepers = id === undefined ? sessions.all() : [sessions.get(id)];
        const plans = await Promise.all(
          keepers.map(async keeper => {
            const record = options.armed ? keeper.record : await keeper.preview();
            return planOf(keeper.provider.id, record, keeper.policy.policy, Date.now(), until);
          }),
        );
        return plans.flat().toSorted((a, b) => a.at - b.at);
      },
      'session/history': params => {
        if (params.id !== undefined) sessions.get(params.id);
        return this.history.list(params);
      },
      'page/open': ({ file = false } = {}) => control.openPage(file),
      'page/close': () => {
        this.notices.withdraw('link-reused');
        return { closed: control.closePages() };
      },
      'notice/list': () => this.notices.list(),
      'plugin/list': () => this.plugins.infos,
      'config/show': () => ({
        file: config.current.file,
        plugins: this.plugins.infos.map(({ module }) => module),
        values: sessions.all().flatMap(({ provider, policy: { policy, origins } }) =>
          Object.entries(policy).map(([key, value]) => ({
            session: provider.id,
            key,
            value,
            origin: origins[key as keyof typeof origins],
          })),
        ),
      }),
      'doctor/run': doctor,
      'doctor/bundle': bundle,
      'rpc.discover': () => (document ??= Object.freeze(openRpcDocument(options.version))),
    };
    return handlers;
  }

  /** Tells clients what happens, through `send`. */
  announce(send: (method: string, params: unknown) => void): void {
    this.events.on('changed', session => send('session/didChange', session));
    this.events.on('attempted', attempt => send('session/didAttempt', attempt));
    this.events.on('raised', notice => send('notice/didRaise', notice));
    this.events.on('cleared', notice => send('notice/didClear', notice));
    this.events.on('reloaded', file => send('config/didChange', { file }));
    this.events.on('stopping', reason => send('kernel/willStop', { reason }));
  }
}
