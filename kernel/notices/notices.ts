import { isDeepStrictEqual } from 'node:util';
import { inject, Lifecycle, scoped } from 'tsyringe';
import type { NotifierPlugin } from '../../sdk/plugin/notifier.ts';
import { printable } from '../../sdk/base/printable.ts';
import type { PluginInfo } from '../../sdk/contract/rpc.ts';
import type { Instant, Notice, NoticeCode, Session } from '../../sdk/contract/session.ts';
import { failedName, isOfKernel } from '../../sdk/wording/attention.ts';
import { Events, Log } from '../wiring/tokens.ts';
import type { KernelLog } from '../../runtime/log/log.ts';
import { deadlineOf, isTrouble, sharingOf, troubleOf, type Draft } from '../../lifecycle/notice-rules.ts';
import { StateStore } from '../../state/states.ts';
import { ActiveNotices } from './active-notices.ts';
import { Notifiers } from './notifiers.ts';

/** What the user should know. A notice is raised once per state, kept across restarts, and cleared on recovery. */
@scoped(Lifecycle.ContainerScoped)
export class Notices {
  readonly #active = new ActiveNotices();

  constructor(
    @inject(StateStore) private readonly store: StateStore,
    @inject(Events) private readonly events: Events,
    @inject(Notifiers) private readonly notifiers: Notifiers,
    @inject(Log) private readonly log: KernelLog,
  ) {
    // Notices about the previous kernel no longer apply.
    for (const notice of store.notices) {
      if (isOfKernel(notice)) this.#save(store.clear(notice.id));
      else this.#active.put(notice);
    }
  }

  list(): readonly Notice[] {
    return this.#active.all();
  }

  /** Sets the notifiers. A new one also gets the notices that were raised since it began to load. */
  setNotifiers(notifiers: readonly NotifierPlugin[], since: Instant = Infinity, more = false): void {
    const missed = this.list().filter(({ raisedAt }) => raisedAt >= since);
    this.notifiers.replace(notifiers, { missed, isActive: id => this.#active.has(id), more });
  }

  /** Raises a notice for each plugin that failed to load, and clears those of plugins that are loaded now. */
  pluginsLoaded(infos: readonly PluginInfo[]): void {
    const failed = infos.filter(({ status }) => status === 'failed');
    const idOf = (info: PluginInfo) => `${failedName(info, infos)}:plugin-failed`;
    const ids = new Set(infos.filter(({ status }) => status !== 'loaded').map(idOf));
    for (const notice of this.list()) if (notice.code === 'plugin-failed' && !ids.has(notice.id)) this.#clear(notice);
    for (const info of failed) {
      const body = this.notifiers.scrub(info.error?.message ?? '');
      // Its author mends one mistake and makes another: the text follows. What else was said of it stays.
      if (this.#active.get(idOf(info))?.body === printable(body)) continue;
      this.put({
        id: idOf(info),
        session: failedName(info, infos),
        level: 'error',
        code: 'plugin-failed',
        title: `The plugin ${info.module} was not loaded`,
        body,
      });
    }
  }

  /** Clears notices of sessions that are no longer kept, unless `more` sessions are to come. */
  sessionsKept(ids: readonly string[], more = false): void {
    if (more) return;
    const kept = new Set(ids);
    const isGone = (notice: Notice) =>
      !OF_PLUGINS.includes(notice.code) && !isOfKernel(notice) && !kept.has(notice.session);
    for (const notice of this.list().filter(isGone)) this.#clear(notice);
  }

  /** Raises a notice unless it is raised already. */
  raise(notice: Draft): void {
    if (this.#active.has(notice.id)) return;
    const raised = { ...withPrintableText(notice), raisedAt: Date.now() };
    this.#active.put(raised);
    this.#save(this.store.raise(raised));
    this.#announce(raised);
  }

  /** Raises a notice, or changes the text of the one that is raised. Notifiers show it once. */
  put(notice: Draft): void {
    const former = this.#active.get(notice.id);
    if (!former) return this.raise(notice);
    const changed = { ...withPrintableText(notice), raisedAt: former.raisedAt };
    if (isDeepStrictEqual(changed, former)) return;
    this.#active.put(changed);
    this.#save(this.store.raise(changed));
    this.events.emit('raised', changed);
  }

  /** A mistake in a plugin's name ends its session, so the notice about the plugin names the session too. */
  sessionsDropped(ids: readonly string[]): void {
    if (ids.length === 0) return;
    const action = `The changed configuration no longer keeps these sessions alive: ${ids.join(', ')}.`;
    for (const notice of this.list()) if (notice.code === 'plugin-failed') this.put({ ...notice, action });
  }

  /** Clears the notices of a session that the user has removed. */
  forget(session: string): void {
    for (const notice of this.#active.of(session)) if (!isOfKernel(notice)) this.#clear(notice);
  }

  /** Clears the notices with this code, but for those with these ids. */
  clear(code: NoticeCode, kept: readonly string[] = []): void {
    for (const notice of this.list()) if (notice.code === code && !kept.includes(notice.id)) this.#clear(notice);
  }

  /** Raises and clears the notices that the session's state asks for. */
  follow(session: Session): void {
    const hadTrouble = this.#settle(session, isTrouble, troubleOf(session));
    this.#settle(session, isSharing, sharingOf(session));
    this.#settle(
      session,
      isDeadline,
      deadlineOf(session, Date.now(), id => this.#active.has(id)),
    );
    if (hadTrouble && session.state.name === 'alive') this.#announceRecovery(session);
  }

  /** Leaves only the wanted notice of this kind. Returns whether there was one before. */
  #settle({ id }: Session, isKind: (notice: Notice) => boolean, wanted: Draft | 'keep' | undefined): boolean {
    const former = this.#active.of(id).filter(isKind);
    if (wanted === 'keep') return former.length > 0;
    for (const notice of former) if (notice.id !== wanted?.id) this.#clear(notice);
    if (wanted) this.raise(wanted);
    return former.length > 0;
  }

  /** A one-off notice: it is never cleared. */
  #announceRecovery({ id, displayName }: Session): void {
    const title = printable(`${displayName} is alive again`);
    const about = { id: `${id}:recovered`, session: id, level: 'info', code: 'recovered' } as const;
    this.#announce({ ...about, title, body: 'Nothing needs to be done.', raisedAt: Date.now() });
  }

  #clear(notice: Notice): void {
    this.#active.delete(notice);
    this.#save(this.store.clear(notice.id));
    this.events.emit('cleared', notice);
    this.notifiers.clear(notice);
  }

  #announce(notice: Notice): void {
    this.events.emit('raised', notice);
    this.notifiers.raise(notice);
  }

  #save(change: Promise<void>): void {
    change.catch((error: unknown) => this.log.error({ err: error }, 'a notice could not be saved'));
  }
}

/** Names and hints come from plugins, vendors and errors, and are shown to the user. */
const withPrintableText = (notice: Draft): Draft => ({
  ...notice,
  title: printable(notice.title),
  body: printable(notice.body),
  ...(notice.action !== undefined && { action: printable(notice.action) }),
});

/** Notices that concern a plugin, and no session. */
const OF_PLUGINS: readonly NoticeCode[] = ['plugin-failed', 'warmup-paused'];

const isSharing = ({ code }: Notice): boolean => code === 'shared-login';
const isDeadline = ({ code }: Notice): boolean => code === 'login-ends-soon';
