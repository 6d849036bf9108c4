import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { openOnceThere } from '../../../sdk/client/await-kernel.ts';
import type { Channel } from '../../../sdk/client/channel.ts';
import { connect } from '../../../sdk/client/client.ts';
import { KeepaliveError } from '../../../sdk/contract/errors.ts';
import { startDaemon, temporaryHome } from '../../support/daemon/daemon.ts';

const channel = (): Channel => ({ send() {}, onMessage() {}, onClose() {}, close: vi.fn() });
const absent = (details: object = {}) => new KeepaliveError('KA_RPC_NO_DAEMON', { ...details });

/** A way to open a channel that fails with these errors first. */
function failing(...errors: readonly unknown[]) {
  const left = [...errors];
  const opened = channel();
  const open = vi.fn(async () => {
    if (left.length > 0) throw left.shift();
    return opened;
  });
  return { open, opened };
}

describe('waiting for a kernel', () => {
  test('tries again only when the endpoint file has changed', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const file = join(temporaryHome(), 'home', 'endpoint.json');
    const { open, opened } = failing(absent(), absent({ url: 'ws://127.0.0.1:1/rpc', ended: true }));
    const onAbsent = vi.fn();
    const waiting = openOnceThere(open, file, { onAbsent });
    await vi.advanceTimersByTimeAsync(24 * 3_600_000);
    expect(open).toHaveBeenCalledTimes(1);
    expect(onAbsent.mock.calls).toEqual([[absent()]]);
    mkdirSync(join(file, '..'));
    await vi.waitFor(() => expect(open).toHaveBeenCalledTimes(2), 15_000);
    await vi.advanceTimersByTimeAsync(24 * 3_600_000);
    expect(open).toHaveBeenCalledTimes(2);
    writeFileSync(file, '');
    expect(await waiting).toBe(opened);
  });

  test('asks a process that does not answer ever less often', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const silent = absent({ url: 'ws://127.0.0.1:1/rpc', reason: 'it does not answer' });
    const { open } = failing(...Array.from({ length: 100 }, () => silent));
    const ended = new AbortController();
    const waiting = openOnceThere(open, join(temporaryHome(), 'endpoint.json'), { signal: ended.signal });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(open).toHaveBeenCalledTimes(6);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(open.mock.calls.length).toBeLessThan(70);
    ended.abort(new Error('the editor was closed'));
    await expect(waiting).rejects.toThrow('the editor was closed');
  });

  test('ends with an error that another try does not mend', async () => {
    const { open } = failing(new TypeError('a mistake'));
    await expect(openOnceThere(open, join(temporaryHome(), 'endpoint.json'))).rejects.toThrow('a mistake');
  });

  test('that was ended while a channel was opened closes it', async () => {
    const ended = new AbortController();
    const opened = channel();
    const open = async () => {
      ended.abort();
      return opened;
    };
    const waiting = openOnceThere(open, join(temporaryHome(), 'endpoint.json'), { signal: ended.signal });
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    expect(opened.close).toHaveBeenCalledOnce();
  });

  test('ends at once when it is ended, although a kernel is asked that does not answer', async () => {
    const ended = new AbortController();
    const opened = channel();
    let answer = (_opened: Channel) => {};
    const open = vi.fn(() => new Promise<Channel>(resolve => (answer = resolve)));
    const waiting = openOnceThere(open, join(temporaryHome(), 'endpoint.json'), { signal: ended.signal });
    const reason = new KeepaliveError('KA_RPC_CONNECTION_LOST');
    ended.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    answer(opened);
    await vi.waitFor(() => expect(opened.close).toHaveBeenCalledOnce(), 15_000);
    expect(open).toHaveBeenCalledOnce();
  });
});

describe('connect', () => {
  test('waits for a daemon in a home that does not exist yet, and again after the daemon was killed', async () => {
    const top = temporaryHome();
    const home = join(top, 'later');
    const waiting = connect({ endpointFile: join(home, 'endpoint.json'), wait: true, reconnect: true });
    mkdirSync(home);
    const first = await startDaemon(home);
    const client = await waiting;
    onTestFinished(() => client.close());
    const pid = async () => (await client.request('kernel/info')).pid;
    expect(await pid()).toBe(first.child.pid);
    const status = new Promise<string>(resolve => {
      client.onStatus(now => now === 'connected' && resolve(now));
    });
    first.child.kill('SIGKILL');
    await first.done;
    const second = await startDaemon(home);
    expect([await status, await pid()]).toEqual(['connected', second.child.pid]);
  });

  test('that waits ends with its signal', async () => {
    const ended = new AbortController();
    const waiting = connect({ endpointFile: join(temporaryHome(), 'endpoint.json'), wait: true, signal: ended.signal });
    ended.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('waits for a newer daemon if the one that runs has no token that only reads', async () => {
    const home = temporaryHome();
    const old = { url: 'ws://127.0.0.1:1/rpc', token: 'T'.repeat(43), pid: process.pid, version: '0', startedAt: 1 };
    const endpointFile = join(home, 'endpoint.json');
    writeFileSync(endpointFile, JSON.stringify(old), { mode: 0o600 });
    await expect(connect({ endpointFile, access: 'read' })).rejects.toMatchObject({ code: 'KA_RPC_OUTDATED' });
    const waiting = connect({ endpointFile, access: 'read', wait: true });
    rmSync(endpointFile);
    await startDaemon(home);
    const client = await waiting;
    await expect(client.request('kernel/stop')).rejects.toMatchObject({ code: 'KA_RPC_METHOD_NOT_FOUND' });
    client.close();
  });
});
