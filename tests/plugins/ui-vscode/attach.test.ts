import { describe, expect, onTestFinished, test } from 'vitest';
import { attach } from '../../../plugins/ui-vscode/attach.ts';
import type { ConnectOptions, KeepaliveClient } from '../../../sdk/client/client.ts';
import { KeepaliveError } from '../../../sdk/contract/errors.ts';
import { FakeKernel } from '../ui-cli/fake-kernel.ts';

/** A daemon that is there, or that comes when `arrive` is called. */
function world(kernel?: FakeKernel) {
  const seen: string[] = [];
  const waits: AbortSignal[] = [];
  const there = { kernel, arrive: (): void => undefined };
  const attachment = attach(
    '/home/endpoint.json',
    {
      onConnected: () => void seen.push('connected'),
      onAbsent: error => void seen.push(error instanceof KeepaliveError ? error.code : 'lost'),
    },
    async ({ wait, signal, onAbsent }: ConnectOptions = {}): Promise<KeepaliveClient> => {
      if (!wait || !signal) throw new Error('It does not wait.');
      if (!there.kernel) {
        waits.push(signal);
        onAbsent?.(new KeepaliveError('KA_RPC_NO_DAEMON'));
        await new Promise<void>((resolve, reject) => {
          there.arrive = resolve;
          signal.addEventListener('abort', () => reject(new Error('The wait was ended.')));
        });
      }
      there.kernel ??= new FakeKernel();
      return there.kernel.client();
    },
  );
  onTestFinished(() => void attachment.close());
  return { there, seen, attachment, openWaits: () => waits.filter(({ aborted }) => !aborted).length };
}

describe('the attachment', () => {
  test('connects to a daemon that is there', async () => {
    const { seen } = world(new FakeKernel());
    await expect.poll(() => seen).toEqual(['connected']);
  });

  test('says why there is none, and waits for one', async () => {
    const { there, seen } = world();
    expect(seen).toEqual(['KA_RPC_NO_DAEMON']);
    there.arrive();
    await expect.poll(() => seen).toEqual(['KA_RPC_NO_DAEMON', 'connected']);
  });

  test('waits again when the connection is lost', async () => {
    const kernel = new FakeKernel();
    const { there, seen } = world(kernel);
    await expect.poll(() => seen).toEqual(['connected']);
    there.kernel = undefined;
    kernel.vanish();
    expect(seen).toEqual(['connected', 'lost', 'KA_RPC_NO_DAEMON']);
    there.arrive();
    await expect.poll(() => seen.at(-1)).toBe('connected');
  });

  test('looks again when asked, in place of its wait, unless it is connected', async () => {
    const { there, seen, attachment, openWaits } = world();
    attachment.retry();
    expect([seen, openWaits()]).toEqual([['KA_RPC_NO_DAEMON', 'KA_RPC_NO_DAEMON'], 1]);
    there.kernel = new FakeKernel();
    attachment.retry();
    attachment.retry();
    await expect.poll(() => seen.at(-1)).toBe('connected');
    attachment.retry();
    await new Promise(setImmediate);
    expect(seen.filter(what => what === 'connected')).toHaveLength(1);
  });

  test('ends while it waits, and then does not look again', async () => {
    const { seen, attachment, openWaits } = world();
    await attachment.close();
    attachment.retry();
    await new Promise(setImmediate);
    expect([seen, openWaits()]).toEqual([['KA_RPC_NO_DAEMON'], 0]);
  });

  test('ends while it connects', async () => {
    const { seen, attachment } = world(new FakeKernel());
    await attachment.close();
    await new Promise(setImmediate);
    expect(seen).toEqual([]);
  });
});
