import { inject, Lifecycle, scoped } from 'tsyringe';
import { isKeepaliveError, KeepaliveError } from '../../sdk/contract/errors.ts';
import type { Session } from '../../sdk/contract/session.ts';
import type { Peer } from '../../sdk/plugin/fleet.ts';
import { SessionTools } from '../session/dependencies.ts';
import { Sessions } from '../session/sessions.ts';
import { Guests } from './guests.ts';
import type { Answer, Request } from './letters.ts';
import { sendSurely, type Line } from './line.ts';

/** Answers what other machines ask, by the rules of this machine. */
@scoped(Lifecycle.ContainerScoped)
export class Requests {
  constructor(
    @inject(Sessions) private readonly sessions: Sessions,
    @inject(Guests) readonly guests: Guests,
    @inject(SessionTools) private readonly tools: SessionTools,
  ) {}

  async answer(line: Line, from: Peer, request: Request): Promise<void> {
    const { type, call } = request;
    const { log } = this.tools;
    log.info({ session: request.id, machine: from.machine, request: type }, 'another machine asks');
    try {
      if (!line.plugin.accept.includes(type)) throw new KeepaliveError('KA_FLEET_NOT_ACCEPTED');
      await line.connection.directory.send(from, { type: 'taken', call });
      if (type === 'login') await this.guests.start(line, from, request);
      else await sendSurely(line, from, await this.#refreshed(request));
    } catch (error) {
      if (!isKeepaliveError(error)) log.error({ err: error }, 'a request of another machine failed');
      const { code, details } = isKeepaliveError(error) ? error : FAILED;
      await sendSurely(line, from, { type: 'refused', call, code, details: this.tools.scrubber.clean(details) });
    }
  }

  async refresh(id: string, force: boolean): Promise<Session> {
    const keeper = this.sessions.get(id);
    await keeper.refresh(force);
    return keeper.session;
  }

  async #refreshed({ call, id, force = false }: Extract<Request, { type: 'refresh' }>): Promise<Answer> {
    const { account: _account, ...session } = await this.refresh(id, force);
    return { type: 'refreshed', call, session };
  }
}

const FAILED = new KeepaliveError('KA_FLEET_FAILED');
