import { randomUUID } from 'node:crypto';
import { inject, Lifecycle, scoped } from 'tsyringe';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import { checkValue } from '../../sdk/contract/problems.ts';
import type { CheckedParams, RpcClient, StartedLogin } from '../../sdk/contract/rpc.ts';
import type { Session } from '../../sdk/contract/session.ts';
import type { Letter, Peer } from '../../sdk/plugin/fleet.ts';
import { SessionTools } from '../session/dependencies.ts';
import { letterSchema, type LetterContent } from './letters.ts';
import type { Line } from './line.ts';
import { PendingCalls } from './pending-calls.ts';
import { RemoteSignIns } from './remote-sign-ins.ts';
import { Requests } from './requests.ts';

/** Asks other machines for what their users let them do, and brings what they send to where it belongs. */
@scoped(Lifecycle.ContainerScoped)
export class RemoteCalls {
  constructor(
    @inject(PendingCalls) private readonly calls: PendingCalls,
    @inject(RemoteSignIns) readonly signIns: RemoteSignIns,
    @inject(Requests) private readonly requests: Requests,
    @inject(SessionTools) private readonly tools: SessionTools,
  ) {}

  /** Throws what the other machine throws, and `KA_FLEET_SILENT` if it does not answer. */
  async refresh(line: Line, { machine, id, force = false }: CheckedParams<'fleet/refresh'>): Promise<Session> {
    if (machine === line.plugin.machine) return this.requests.refresh(id, force);
    const peer = await line.connection.directory.find(machine);
    const answer = await this.calls.ask(line, peer, { type: 'refresh', call: randomUUID(), id, force });
    if (answer.type !== 'refreshed') throw new KeepaliveError('KA_FLEET_FAILED', { machine });
    return answer.session;
  }

  login(line: Line, params: CheckedParams<'fleet/login'>, client: RpcClient): Promise<StartedLogin> {
    return this.signIns.start(line, params, client);
  }

  /** Takes a letter of another machine. */
  async receive(line: Line, { from, content }: Letter): Promise<void> {
    const checked = checkValue(letterSchema, content);
    if (checked.ok) return this.#take(line, from, checked.value);
    this.tools.log.warn({ from: from.machine }, 'a message of another machine was not understood');
  }

  /** The fleet is left. */
  end(): void {
    this.calls.end(new KeepaliveError('KA_FLEET_UNREACHABLE', { reason: 'this machine has left the fleet' }));
    this.signIns.end('KA_FLEET_UNREACHABLE');
    this.requests.guests.end();
  }

  async #take(line: Line, from: Peer, letter: LetterContent): Promise<void> {
    switch (letter.type) {
      case 'refresh':
      case 'login':
        return this.requests.answer(line, from, letter);
      case 'answer':
        return this.requests.guests.answer(from, letter);
      case 'cancel':
        return this.requests.guests.cancel(from, letter);
      case 'moved':
        return this.signIns.move(line, from, letter);
      default:
        this.calls.take(from, letter);
    }
  }
}
