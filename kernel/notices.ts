import { inject, Lifecycle, scoped } from 'tsyringe';
import type { NotifierPlugin } from '../sdk/notifier.ts';
import type { PluginInfo } from '../sdk/rpc.ts';
import type { Notice, Session } from '../sdk/session.ts';
import { Events } from './events.ts';
import type { KernelLog } from './log.ts';
import { Contexts } from './plugins/context.ts';
import { callPlugin } from './plugins/gate.ts';
import type { StateStore as StateStoreType } from './session/store.ts';
import { Log, StateStore } from './tokens.ts';

const DAY_MS = 86_400_000;
/** Days before the end of a login at which a person is told, once each. */
const LOGIN_WARNINGS = [1, 3, 7];
const NOTIFY_LIMIT_MS = 15_000;

/** The notice that a session's state asks for; `keep` where the state says nothing new. */
export function noticeFor(session: Session, now: number): Omit<Notice, 'raisedAt'> | 'keep' | undefined {
  const { id, displayName, state, loginExpiresAt } = session;
  if (state.name === 'halted' && state.why === 'login-required') {
    return { id: `${id}:login-required`, session: id, level: 'error', code: 'login-required', title: `${displayName} needs a login`, body: state.hint, action: state.hint };
  }
  if (state.name === 'halted' && state.why === 'too-many-failures') {
    return {
      id: `${id}:failing`, session: id, level: 'error', code: 'failing', title: `${displayName} cannot be kept alive`,
      body: state.hint, action: `Look with \`keepalive explain ${id}\`, then \`keepalive resume ${id}\`.`,
    };
  }
  if (state.name === 'halted') return undefined;
  if (state.name !== 'alive') return 'keep';
  const days = LOGIN_WARNINGS.find(limit => loginExpiresAt !== undefined && loginExpiresAt - now <= limit * DAY_MS);
  if (days === undefined || loginExpiresAt === undefined) return undefined;
  return {
    id: `${id}:login-ends-soon:${days}d`, session: id, level: 'warning', code: 'login-ends-soon', title: `${displayName}: the login ends within ${days === 1 ? 'a day' : `${days} days`}`,
    body: `It ends at ${new Date(loginExpiresAt).toISOString()}, and no renewal extends it.`, action: 'Log in again with the tool itself before then.',
  };
}

/** What people should know: raised once per state, kept across restarts, withdrawn on recovery. */
@scoped(Lifecycle.ContainerScoped)
export class Notices {
  readonly #active: Map<string, Notice>;
  #notifiers: readonly NotifierPlugin[] = [];

  constructor(
    @inject(StateStore) private readonly store: StateStoreType, @inject(Events) private readonly events: Events,
    @inject(Contexts) private readonly contexts: Contexts, @inject(Log) private readonly log: KernelLog,
  ) {
    this.#active = new Map(store.notices.map(notice => [notice.id, notice]));
    events.on('changed', session => this.#follow(session));
  }

  list(): readonly Notice[] {
    return [...this.#active.values()];
  }

  /** Who carries notices from now on. */
  carriedBy(notifiers: readonly NotifierPlugin[]): void {
    this.#notifiers = notifiers;
  }

  /** Plugins that did not load; those that do now are withdrawn. */
  pluginsLoaded(infos: readonly PluginInfo[]): void {
    const failed = infos.filter(({ status }) => status === 'failed');
    const ids = new Set(failed.map(({ id }) => `${id}:plugin-failed`));
    for (const notice of this.list()) if (notice.code === 'plugin-failed' && !ids.has(notice.id)) this.#clear(notice);
    for (const { id, module, error } of failed) {
      this.#raise({ id: `${id}:plugin-failed`, session: id, level: 'error', code: 'plugin-failed', title: `The plugin ${module} was not loaded`, body: error?.message ?? '' });
    }
  }

  /** Withdraws what concerns sessions that are not kept any more. */
  forgetAllBut(ids: readonly string[]): void {
    for (const notice of this.list()) if (notice.code !== 'plugin-failed' && !ids.includes(notice.session)) this.#clear(notice);
  }

  #follow(session: Session): void {
    const wanted = noticeFor(session, Date.now());
    if (wanted === 'keep') return;
    const former = this.list().filter(({ session: id, code }) => id === session.id && code !== 'plugin-failed');
    for (const notice of former) if (notice.id !== wanted?.id) this.#clear(notice);
    if (wanted) this.#raise(wanted);
    else if (session.state.name === 'alive' && former.some(({ level }) => level === 'error')) this.#tellRecovered(session);
  }

  /** Passes by: it is told, but there is nothing to withdraw later. */
  #tellRecovered({ id, displayName }: Session): void {
    this.#tell({ id: `${id}:recovered`, session: id, level: 'info', code: 'recovered', title: `${displayName} is alive again`, body: 'Nothing needs to be done.', raisedAt: Date.now() });
  }

  #raise(notice: Omit<Notice, 'raisedAt'>): void {
    if (this.#active.has(notice.id)) return;
    const raised = { ...notice, raisedAt: Date.now() };
    this.#active.set(notice.id, raised);
    this.#save();
    this.#tell(raised);
  }

  #clear(notice: Notice): void {
    this.#active.delete(notice.id);
    this.#save();
    this.events.emit('cleared', notice);
    this.#carry('clear', notice);
  }

  #tell(notice: Notice): void {
    this.events.emit('raised', notice);
    this.#carry('raise', notice);
  }

  #carry(verb: 'raise' | 'clear', notice: Notice): void {
    for (const notifier of this.#notifiers) {
      callPlugin(notifier, verb, NOTIFY_LIMIT_MS, async signal => notifier[verb]?.(notice, this.contexts.notify(notifier, signal)))
        .catch(error => this.log.warn({ plugin: notifier.id, err: error }, 'a notice could not be carried'));
    }
  }

  #save(): void {
    this.store.setNotices(this.list()).catch(error => this.log.error({ err: error }, 'the notices could not be saved'));
  }
}
