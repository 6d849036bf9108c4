import { setImmediate as nextTurn } from 'node:timers/promises';
import pLimit from 'p-limit';
import { toText } from './channel.ts';

/** A megabyte can hold half a million messages that are not valid, and each would need an answer. */
export const MAX_BATCH = 10_000;
/** Small requests can have large responses. The limit of a batch is about what a client may leave unread. */
const MAX_BATCH_BYTES = 4 * 1024 * 1024;
const CONCURRENCY = 16;
/** Messages of a batch that are answered in a turn of the event loop, before other clients and timers have theirs. */
const PER_TURN = 16;

type Answers = {
  /** Null for a notification. */
  readonly answer: (message: unknown) => unknown;
  /** The answer to a message after the limit. */
  readonly refuse: (message: unknown) => unknown;
};

/** The answers to a batch, in its order; null if it has only notifications. */
export async function answerBatch(batch: readonly unknown[], { answer, refuse }: Answers): Promise<unknown> {
  let room = MAX_BATCH_BYTES;
  let turn: Promise<void> | undefined;
  const limit = pLimit(CONCURRENCY);
  const answers = await Promise.all(
    batch.map((message, index) =>
      limit(async () => {
        if (index > 0 && index % PER_TURN === 0) turn = nextTurn();
        await turn;
        if (room < 0) return refuse(message);
        const answered = await answer(message);
        room -= toText(answered).length;
        return answered;
      }),
    ),
  );
  const given = answers.filter(answered => answered !== null);
  return given.length > 0 ? given : null;
}
