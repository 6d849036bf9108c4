import type { Handlers, PlannedAttempt, OwnerProgram } from '../../../sdk/contract/rpc.ts';
import { maxPlanned, type Instant, type Session } from '../../../sdk/contract/session.ts';
import { explain } from '../../../sdk/wording/explain.ts';
import { isLeadUnused } from '../../../lifecycle/policy-layers.ts';
import { planOf } from '../../../lifecycle/plan.ts';
import type { Keeper } from '../../session/keeper.ts';
import type { Sessions } from '../../session/sessions.ts';
import { withoutNext } from '../../../lifecycle/view.ts';
import { UNKNOWN_ZONE } from '../../../lifecycle/zone.ts';
import type { Days } from '../../../state/days.ts';
import type { History } from '../../../state/history.ts';
import type { KernelOptions } from '../../wiring/tokens.ts';
import type { KernelControl } from './kernel.ts';

const DAY_MS = 86_400_000;

type RecordMethod = 'session/days' | 'session/history';

type Deps = {
  readonly options: Pick<KernelOptions, 'armed'>;
  readonly sessions: Sessions;
  readonly history: History;
  readonly days: Days;
  readonly control: Pick<KernelControl, 'addSession' | 'removeSession'>;
};

export function sessionHandlers(deps: Deps): Handlers<'session'> {
  const { armed } = deps.options;
  const { sessions, control } = deps;
  const { act, decide } = actionsOn(sessions);

  /**
   * A daemon notices when credentials change. Without one, the record may be about an earlier credential, and no
   * attempt will be made.
   */
  const current = async (keeper: Keeper): Promise<Session> =>
    armed ? keeper.session : withoutNext(await keeper.look());

  async function plan(keeper: Keeper, until: Instant, most: number): Promise<readonly PlannedAttempt[]> {
    const record = armed ? keeper.record : await keeper.preview();
    return planOf({ id: keeper.provider.id, record, policy: keeper.policy.policy }, Date.now(), until, most);
  }

  return {
    'session/list': () => sessions.all().map(keeper => keeper.session),
    'session/get': ({ id }) => sessions.get(id).session,
    'session/refresh': ({ id, force = false }) => act(id, keeper => keeper.refresh(force)),
    'session/pause': ({ id }) => decide(id, keeper => keeper.pause()),
    'session/resume': ({ id }) => decide(id, keeper => keeper.resume()),
    'session/configure': ({ id, policy }) => act(id, () => sessions.configure(id, policy)),
    'session/explain': async ({ id }) => {
      const keeper = sessions.get(id);
      const inspection = await keeper.inspect().catch(() => undefined);
      const note = inspection?.present ? inspection.hint : undefined;
      return explain(await current(keeper), {
        now: Date.now(),
        note,
        unknownZone: UNKNOWN_ZONE,
        isLeadUnused: isLeadUnused(keeper.policy),
      });
    },
    'session/look': async ({ id }) => {
      const session = await sessions.get(id).look();
      return armed ? session : withoutNext(session);
    },
    'session/program': ({ id }) => programOf(sessions.get(id)),
    'session/plan': async ({ id, until = Date.now() + DAY_MS }) => {
      const keepers = id === undefined ? sessions.all() : [sessions.get(id)];
      const most = maxPlanned(keepers.length);
      const plans = await Promise.all(keepers.map(keeper => plan(keeper, until, most)));
      return plans.flat().toSorted((a, b) => a.at - b.at);
    },
    'session/add': addition => control.addSession(addition),
    'session/remove': async ({ id }) => (await control.removeSession(id), null),
    ...recordHandlers(deps),
  };
}

function actionsOn(sessions: Sessions) {
  async function act(id: string, action: (keeper: Keeper) => unknown): Promise<Session> {
    const keeper = sessions.get(id);
    await action(keeper);
    return keeper.session;
  }

  /** What the user decides outlives a crash of the daemon, or is refused. */
  async function decide(id: string, action: (keeper: Keeper) => unknown): Promise<Session> {
    const session = await act(id, action);
    await sessions.get(id).saved();
    return session;
  }

  return { act, decide };
}

async function programOf(keeper: Keeper): Promise<OwnerProgram> {
  const { program, variables = {}, account } = (await keeper.inspect()) ?? {};
  return { program, variables, account };
}

/** What has happened to sessions. */
const recordHandlers = ({ sessions, history, days }: Deps): Pick<Handlers<'session'>, RecordMethod> => ({
  'session/days': params => {
    if (params.id !== undefined) sessions.get(params.id);
    return days.list(
      params,
      sessions.all().map(keeper => keeper.session),
    );
  },
  'session/history': params => {
    if (params.id !== undefined) sessions.get(params.id);
    return history.list(params);
  },
});
