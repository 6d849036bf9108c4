import { z } from 'zod';
import { isRecord } from '../sdk/base/json.ts';
import { noticeSchema } from '../sdk/contract/notice-schema.ts';
import type { Notice } from '../sdk/contract/session.ts';
import type { Receipt } from '../sdk/plugin/notifier.ts';

const messageSchema = z.looseObject({
  /** Absent only if it has ended. */
  receipt: z.string().optional(),
  /** Those whose cause has not ended. A message without any is withdrawn. */
  notices: z.array(noticeSchema).min(1),
  /** Sums up all that the message had at first, if they were several. */
  digest: noticeSchema.optional(),
  /** The last of them has ended, and the channel does not know it yet. */
  ended: z.boolean().optional(),
});

/** A message in a channel that can withdraw it. */
export type Message = {
  readonly receipt?: Receipt | undefined;
  readonly notices: readonly Notice[];
  readonly digest?: Notice | undefined;
  readonly ended?: boolean | undefined;
};

/** What the file says of one notifier. */
export type OutboxContent = { readonly waiting: readonly Notice[]; readonly messages: readonly Message[] };

/** What one notifier still has to deliver, and the messages that it can withdraw. */
export class Outbox {
  readonly #waiting: Map<string, Notice>;
  #messages: readonly Message[];
  readonly #others: object;

  constructor(
    { waiting, messages, ...others }: OutboxContent,
    private readonly changed: () => void,
  ) {
    this.#waiting = new Map(waiting.map(notice => [notice.id, notice]));
    this.#messages = messages;
    this.#others = others;
  }

  /** In the order in which they were raised. */
  get waiting(): readonly Notice[] {
    return [...this.#waiting.values()];
  }

  get messages(): readonly Message[] {
    return this.#messages;
  }

  get content(): OutboxContent {
    return { ...this.#others, waiting: this.waiting, messages: this.#messages };
  }

  get(id: string): Notice | undefined {
    return this.#waiting.get(id);
  }

  put(notice: Notice): void {
    this.#waiting.delete(notice.id);
    this.#waiting.set(notice.id, notice);
    this.changed();
  }

  /** Notices that are delivered, or that need no delivery any more. */
  drop(notices: readonly Notice[]): void {
    // Of a notice that was raised again meanwhile, the newer one stays.
    const dropped = notices.filter(notice => this.#waiting.get(notice.id) === notice);
    for (const { id } of dropped) this.#waiting.delete(id);
    if (dropped.length > 0) this.changed();
  }

  /** The message that shows a notice. */
  messageOf(id: string): Message | undefined {
    return this.#messages.find(({ notices, ended }) => !ended && notices.some(notice => notice.id === id));
  }

  add(message: Message): void {
    this.#messages = [...this.#messages, message];
    this.changed();
  }

  /** Without a receipt, the channel cannot tell a notice that is raised again from the one that has ended. */
  forgetEnds(notices: readonly Notice[]): void {
    const ids = new Set(notices.map(({ id }) => id));
    const isStale = ({ receipt, notices: [first] }: Message) => receipt === undefined && ids.has(first?.id ?? '');
    for (const message of this.#messages.filter(isStale)) this.replace(message);
  }

  /** Without `next` the message is forgotten. */
  replace(message: Message, next?: Message): void {
    this.#messages = this.#messages.flatMap(one => (one !== message ? [one] : next ? [next] : []));
    this.changed();
  }
}

/** Entry by entry: a damaged one does not affect the others. */
export function understandOutbox(json: unknown): OutboxContent {
  const { waiting, messages, ...others } = isRecord(json) ? json : {};
  return {
    ...others,
    waiting: listOf(waiting).filter((one): one is Notice => noticeSchema.safeParse(one).success),
    messages: listOf(messages).filter((one): one is Message => messageSchema.safeParse(one).success),
  };
}

const listOf = (json: unknown): readonly unknown[] => (Array.isArray(json) ? json : []);
