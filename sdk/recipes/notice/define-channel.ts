import { hostname } from 'node:os';
import { isKeepaliveError } from '../../contract/errors.ts';
import type { Notice } from '../../contract/session.ts';
import { defineNotifier, type NotifierContext, type NotifierPlugin, type Receipt } from '../../plugin/notifier.ts';
import { digestOf } from '../../wording/digest.ts';
import { describeOurs } from '../../wording/error.ts';
import { messageOf, type Message } from './message.ts';
import { readSecret, type Secret } from './secret.ts';

export type ChannelOptions = {
  readonly id: string;
  /** As the end of "Notices appear …": `in Telegram`. */
  readonly place: string;
  /** How messages name this machine. Empty: not at all. [its host name] */
  readonly machine?: string | undefined;
  /** What has to be readable for a delivery. */
  readonly secrets: readonly (Secret | undefined)[];
  /** Notices that are not delivered. */
  readonly omits?: (notice: Notice) => boolean;
  /** Sends a message. Returns what identifies it, if the channel can change it later. */
  readonly send: (message: Message, context: NotifierContext) => Promise<Receipt | undefined>;
  /** Marks a message as settled, or removes it. */
  readonly settle?: (message: Message, receipt: Receipt, context: NotifierContext) => Promise<void>;
  /** The channel's code for a message that the user has deleted. */
  readonly gone?: string;
};

/** A notifier that sends messages to a channel, where people read them on other devices. */
export function defineChannel(channel: ChannelOptions): NotifierPlugin {
  const { id, place, machine = hostname(), secrets, omits = () => false, send, settle, gone } = channel;

  const deliver = async (notices: readonly Notice[], context: NotifierContext): Promise<Receipt | void> => {
    const wanted = notices.filter(notice => !omits(notice));
    const [first] = wanted;
    if (!first) return undefined;
    return send(messageOf(wanted.length === 1 ? first : digestOf(wanted), machine), context);
  };

  return defineNotifier({
    id,
    place,
    unavailable: context => unreadable(secrets, context),
    raise: (notice, context) => deliver([notice], context),
    raiseMany: deliver,
    async clear(notice, context, receipt) {
      if (receipt === undefined || omits(notice)) return;
      await settle?.(messageOf(notice, machine), receipt, context).catch((error: unknown) => {
        const isGone = isKeepaliveError(error) && error.details['vendorCode'] === gone;
        if (gone === undefined || !isGone) throw error;
      });
    },
  });
}

/** Why a secret cannot be read. */
async function unreadable(secrets: ChannelOptions['secrets'], context: NotifierContext): Promise<string | undefined> {
  try {
    for (const secret of secrets) if (secret) await readSecret(secret, context);
    return undefined;
  } catch (error) {
    if (isKeepaliveError(error)) return describeOurs(error);
    throw error;
  }
}
