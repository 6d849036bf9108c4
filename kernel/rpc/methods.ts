import type { RpcHandlers, RpcResult } from '../../sdk/contract/rpc.ts';
import type { Scrubber } from '../../runtime/log/redact.ts';
import type { Doctor } from '../diagnostics/doctor.ts';
import type { Notices } from '../notices/notices.ts';
import type { Notifiers } from '../notices/notifiers.ts';
import type { ContextFactory } from '../plugins/context-factory.ts';
import type { Plugins } from '../plugins/plugins.ts';
import type { Tools } from '../tools/tools.ts';
import type { Sessions } from '../session/sessions.ts';
import type { SignIns } from '../sign-in/sign-ins.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { RemoteCalls } from '../fleet/remote-calls.ts';
import type { WarmUpNotices } from '../warm-ups/warm-up-notices.ts';
import type { WarmUps } from '../warm-ups/warm-ups.ts';
import type { Days } from '../../state/days.ts';
import type { History } from '../../state/history.ts';
import type { ConfigHolder, Events, KernelOptions } from '../wiring/tokens.ts';
import { type KernelControl, kernelHandlers } from './methods/kernel.ts';
import { configHandlers } from './methods/config.ts';
import { doctorHandlers } from './methods/doctor.ts';
import { fleetHandlers } from './methods/fleet.ts';
import { loginHandlers } from './methods/login.ts';
import { sessionHandlers } from './methods/session.ts';
import { toolHandlers } from './methods/tool.ts';
import { warmUpHandlers } from './methods/warmup.ts';
import { openRpcDocument } from '../../sdk/contract/open-rpc.ts';

/** The parts of a kernel that methods work on. */
export type RpcParts = {
  readonly options: KernelOptions;
  readonly contexts: ContextFactory;
  readonly config: ConfigHolder;
  readonly sessions: Sessions;
  readonly signIns: SignIns;
  readonly warmUps: WarmUps;
  readonly warmUpNotices: WarmUpNotices;
  readonly fleet: Fleet;
  readonly remoteCalls: RemoteCalls;
  readonly plugins: Plugins;
  readonly tools: Tools;
  readonly history: History;
  readonly notifiers: Notifiers;
  readonly days: Days;
  readonly notices: Notices;
  readonly events: Events;
  readonly doctor: Doctor;
  readonly scrubber: Scrubber;
};

/** The handlers of every method. */
export function rpcHandlers(parts: RpcParts, control: KernelControl): RpcHandlers {
  const deps = { ...parts, control };
  let document: RpcResult<'rpc.discover'> | undefined;
  const handlers = {
    ...kernelHandlers(deps),
    ...sessionHandlers(deps),
    ...loginHandlers(deps),
    ...configHandlers(deps),
    ...toolHandlers(deps),
    ...warmUpHandlers(deps),
    ...fleetHandlers(deps),
    'rpc.discover': () => (document ??= Object.freeze(openRpcDocument(parts.options.version))),
  };
  return { ...handlers, ...doctorHandlers(deps, handlers) };
}
