import { expect, test } from 'vitest';
import { channelPair } from '../../server/channel-pair.ts';

function pair() {
  const [here, there] = channelPair();
  const received: unknown[] = [];
  const closed: string[] = [];
  there.onMessage(message => void received.push(message));
  here.onClose(() => closed.push('here'));
  there.onClose(() => closed.push('there'));
  return { here, there, received, closed };
}

test('a message arrives later, in order, and is the one that was sent', async () => {
  const { here, received } = pair();
  const messages = [Object.freeze({ id: 1 }), Object.freeze({ id: 2 })];
  for (const message of messages) here.send(message);
  expect(received).toEqual([]);
  await Promise.resolve();
  expect(received[0]).toBe(messages[0]);
  expect(received[1]).toBe(messages[1]);
});

test('both ends are closed once, after the last message', async () => {
  const { here, there, received, closed } = pair();
  here.send('last');
  void here.close();
  void there.close();
  here.send('lost');
  await Promise.resolve();
  expect(received).toEqual(['last']);
  expect(closed).toEqual(['here', 'there']);
});
