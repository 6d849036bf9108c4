import { randomUUID } from 'node:crypto';
import { inject, Lifecycle, scoped } from 'tsyringe';
import { KeepaliveError, isKeepaliveError } from '../../sdk/contract/errors.ts';
import type { CheckedParams } from '../../sdk/contract/rpc.ts';
import type { Session } from '../../sdk/contract/session.ts';
import type { FleetConnection, FleetPlugin, Letter } from '../../sdk/plugin/fleet.ts';
import { checkValue } from '../../sdk/contract/problems.ts';
import { SessionTools } from '../session/dependencies.ts';
import { Sessions } from '../session/sessions.ts';
import { letterSchema, type LetterContent } from './letters.ts';

/** The longest attempt, and the way there and back without a connection that listens. */
const ANSWER_LIMIT_MS = 150_000;

type Fleet = { readonly plugin: FleetPlugin; readonly connection: Pick<FleetConnection, 'directory'> };
type Answer = Extract<LetterContent, { type: 'refreshed' | 'refused' }>;

/** Asks other machines for what their users let them do, and answers their requests by the rules of this machine. */
@scoped(Lifecycle.ContainerScoped)
export class RemoteCalls {
  readonly #waiting = new Map<string, (answer: Answer) => void>();

  constructor(
    @inject(Sessions) private readonly sessions: Sessions,
    @inject(SessionTools) private readonly tools: SessionTools,
  ) {}

  /** Throws what the other machine throws, and `KA_FLEET_SILENT` if it does not answer. */
  async refresh(fleet: Fleet, { machine, id, force }: CheckedParams<'fleet/refresh'>): Promise<Session> {
    if (machine === fleet.plugin.machine) return this.#refreshHere(id, force ?? false);
    const known = await fleet.connection.directory.list();
    const target = known.find(one => one.machine === machine);
    if (!target) throw new KeepaliveError('KA_FLEET_MACHINE_NOT_FOUND', { machine });
    if (!target.accepts.includes('refresh')) throw new KeepaliveError('KA_FLEET_NOT_ACCEPTED', { machine });
    const call = randomUUID();
    const answer = await this.#ask(fleet, machine, { type: 'refresh', call, id, force });
    if (answer.type === 'refused') throw new KeepaliveError(answer.code, { ...answer.details, machine });
    return answer.session;
  }

  /** Answers the letters of a fleet. */
  async receive(fleet: Fleet, { from, content }: Letter): Promise<void> {
    const checked = checkValue(letterSchema, content);
    if (!checked.ok) return this.tools.log.warn({ from }, 'a message of another machine was not understood');
    const letter = checked.value;
    if (letter.type !== 'refresh') return this.#waiting.get(letter.call)?.(letter);
    const answer = await this.#answer(fleet, letter);
    await fleet.connection.directory.send(from, answer);
  }

  async #answer({ plugin }: Fleet, { call, id, force }: Extract<LetterContent, { type: 'refresh' }>): Promise<Answer> {
    try {
      if (!plugin.accept.includes('refresh')) throw new KeepaliveError('KA_FLEET_NOT_ACCEPTED');
      const { account: _account, ...session } = await this.#refreshHere(id, force ?? false);
      return { type: 'refreshed', call, session };
    } catch (error) {
      if (!isKeepaliveError(error)) throw error;
      return { type: 'refused', call, code: error.code, details: this.tools.scrubber.clean(error.details) };
    }
  }

  async #refreshHere(id: string, force: boolean): Promise<Session> {
    const keeper = this.sessions.get(id);
    await keeper.refresh(force);
    return keeper.session;
  }

  #ask({ connection }: Fleet, machine: string, letter: LetterContent): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const { call } = letter;
      const end = () => {
        clearTimeout(timer);
        this.#waiting.delete(call);
      };
      const timer = setTimeout(() => {
        end();
        reject(new KeepaliveError('KA_FLEET_SILENT', { machine }));
      }, ANSWER_LIMIT_MS);
      this.#waiting.set(call, answer => {
        end();
        resolve(answer);
      });
      connection.directory.send(machine, letter).catch((error: unknown) => {
        end();
        reject(error instanceof Error ? error : new Error('the message was not sent', { cause: error }));
      });
    });
  }
}
