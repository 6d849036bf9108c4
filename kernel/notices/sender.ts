import type { Notice } from '../../sdk/contract/session.ts';
import type { NotifierContext, NotifierPlugin, Receipt } from '../../sdk/plugin/notifier.ts';
import { digestOf } from '../../sdk/wording/digest.ts';
import { isOneOff } from '../../lifecycle/notice-rules.ts';
import type { Message, Outbox } from '../../state/outbox.ts';
import type { NotifierCalls } from './dependencies.ts';

/** A longer one is not kept. */
const MAX_RECEIPT = 1_000;

/**
 * Delivers notices through one notifier and withdraws them, and notes in the outbox what was done. Resolves to whether
 * the channel was reached. What another try could deliver twice counts as done.
 */
export class Sender {
  /** Its last failure is in the log. Further ones are not logged until a delivery succeeds. */
  #isLogged = false;

  constructor(
    private readonly outbox: Outbox,
    private readonly calls: NotifierCalls,
  ) {}

  /** Delivers notices as one message if the notifier can, and otherwise one by one. */
  async deliver(notifier: NotifierPlugin, notices: readonly Notice[], asOne: boolean): Promise<boolean> {
    if (asOne && notices.length > 1 && notifier.raiseMany)
      return this.#raise(notifier, notices, async context => notifier.raiseMany?.(notices, context));
    for (const notice of notices)
      if (!(await this.#raise(notifier, [notice], context => notifier.raise(notice, context)))) return false;
    return true;
  }

  /** Withdraws a notice. A message is withdrawn with the last of its notices, as the digest of all. */
  async withdraw(notifier: NotifierPlugin, notice: Notice): Promise<boolean> {
    const message = this.outbox.messageOf(notice.id);
    const notices = message?.notices.filter(({ id }) => id !== notice.id) ?? [];
    if (!message || notices.length === 0) return this.#clear(notifier, message?.digest ?? notice, message);
    this.outbox.replace(message, { ...message, notices });
    return true;
  }

  /** Withdraws the messages whose channel could not be reached before. */
  async withdrawEnded(notifier: NotifierPlugin): Promise<boolean> {
    for (const message of this.outbox.messages) {
      const [notice] = message.notices;
      if (message.ended && notice && !(await this.#clear(notifier, message.digest ?? notice, message))) return false;
    }
    return true;
  }

  async #raise(
    notifier: NotifierPlugin,
    notices: readonly Notice[],
    call: (context: NotifierContext) => Promise<unknown>,
  ): Promise<boolean> {
    try {
      const receipt = await this.calls.call(notifier, 'raise', call);
      this.#isLogged = false;
      this.outbox.forgetEnds(notices);
      const clearable = notices.filter(notice => !isOneOff(notice));
      if (notifier.clear && clearable.length > 0 && this.#isReceipt(receipt))
        this.outbox.add({ receipt, notices: clearable, ...(notices.length > 1 && { digest: digestOf(notices) }) });
    } catch (error) {
      this.#logOnce(notifier, error);
      if (this.calls.isUnsent(error)) return false;
    }
    this.outbox.drop(notices);
    return true;
  }

  async #clear(notifier: NotifierPlugin, notice: Notice, message: Message | undefined): Promise<boolean> {
    try {
      await this.calls.call(notifier, 'clear', async context => notifier.clear?.(notice, context, message?.receipt));
    } catch (error) {
      this.#logOnce(notifier, error);
      if (this.calls.isUnsent(error)) {
        if (message) this.outbox.replace(message, { ...message, ended: true });
        else this.#keepEnd(notice);
        return false;
      }
    }
    if (message) this.outbox.replace(message);
    return true;
  }

  /** For a channel without receipts. */
  #keepEnd(notice: Notice): void {
    this.outbox.forgetEnds([notice]);
    this.outbox.add({ notices: [notice], ended: true });
  }

  /** A plugin may return anything, and a secret is not kept in a file. */
  #isReceipt(value: unknown): value is Receipt {
    return (
      typeof value === 'string' && value !== '' && value.length <= MAX_RECEIPT && this.calls.scrub(value) === value
    );
  }

  #logOnce(notifier: NotifierPlugin, error: unknown): void {
    if (!this.#isLogged) this.calls.warn(notifier, error);
    this.#isLogged = true;
  }
}
