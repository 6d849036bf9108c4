import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, test, vi } from 'vitest';
import { watchAsking } from '../../../runtime/asking.ts';
import { callPlugin } from '../../../runtime/call-plugin.ts';
import type { ProviderPlugin } from '../../../sdk/plugin/provider.ts';
import { hasEnded, isolated, isolatedProvider } from '../../support/daemon/isolated-plugin.ts';
import { listen } from '../../support/daemon/listen.ts';
import { realContext } from '../../support/real-context.ts';

const refresh = (plugin: ProviderPlugin, timeoutMs = 10_000, facts: object = {}) =>
  callPlugin(plugin, 'refresh', timeoutMs, signal => plugin.refresh(realContext('/nowhere', { ...facts, signal })));
const inspect = (plugin: ProviderPlugin) =>
  callPlugin(plugin, 'inspect', 10_000, async signal => plugin.inspect?.(realContext('/nowhere', { signal })));
const ended = (processes: readonly Parameters<typeof hasEnded>[0][]) =>
  vi.waitFor(() => expect(processes.map(hasEnded)).not.toContain(false), { timeout: 10_000 });

describe('what a plugin is given and what it gives', () => {
  test('is as in the daemon: options, facts of the attempt, dates, its policy', async () => {
    const { plugin } = await isolatedProvider(
      `
      policy: { schedule: { mode: 'interval', every: '7m' } },
      refresh: async ({ reason, force, refreshBefore, last, now }) => ({ status: 'deferred', until: new Date(options.at), reason: JSON.stringify({ reason, force, refreshBefore, last }) }),
      inspect: async ({ env }) => ({ present: true, store: env.HOME, expiresAt: new Date(options.at), fingerprint: 'f', refreshFingerprint: 'r',
        account: 'a', loginEndIsFixed: true }),
    `,
      { options: { at: 1_800_000_000_000 } },
    );
    expect(plugin).toMatchObject({
      kind: 'provider',
      id: 'mine',
      displayName: 'Mine',
      policy: { schedule: { mode: 'interval', every: '7m' } },
    });
    const last = { status: 'fresh', at: 5, expiresAt: new Date(6) } as const;
    const outcome = await refresh(plugin, 10_000, { reason: 'wake', force: true, refreshBefore: 42, last });
    expect(outcome).toEqual({
      status: 'deferred',
      until: new Date(1_800_000_000_000),
      reason: JSON.stringify({ reason: 'wake', force: true, refreshBefore: 42, last }),
    });
    expect(await inspect(plugin)).toMatchObject({
      present: true,
      expiresAt: new Date(1_800_000_000_000),
      fingerprint: 'f',
      refreshFingerprint: 'r',
      account: 'a',
      loginEndIsFixed: true,
    });
  });

  test.each([
    ['nothing', '', false],
    ['the network', "await fetch('data:,');", true],
    ['a program', "await exec(process.execPath, ['-e', '0']);", true],
    ['the network, and fails', "await fetch('data:,'); throw new Error('no');", true],
  ])('whether it asked anyone, the kernel knows: %s', async (_name, work, expected) => {
    const { plugin } = await isolatedProvider(
      `refresh: async ({ fetch, exec }) => { ${work} return { status: 'fresh' }; },`,
    );
    const { context, hasAsked } = watchAsking(realContext('/nowhere', { signal: new AbortController().signal }));
    await plugin.refresh(context).catch(() => undefined);
    expect(hasAsked()).toBe(expected);
  });

  test('what it reads and conceals, logs and prints, the kernel knows', async () => {
    const lines: string[] = [];
    const log = pino({ base: null, timestamp: false, level: 'debug' }, { write: line => void lines.push(line) });
    const { plugin, concealed } = await isolatedProvider(
      `
      refresh: async ({ conceal, log }) => {
        conceal('CANARY-of-the-token');
        log.warn({ err: new Error('odd'), n: 1 }, 'it is odd');
        console.log('printed', { a: 1 });
        return { status: 'fresh' };
      },
    `,
      { log },
    );
    await refresh(plugin);
    expect(concealed).toContain('CANARY-of-the-token');
    expect(lines.map(line => JSON.parse(line))).toMatchObject([
      { level: 40, plugin: './mine.mjs', err: { name: 'Error', message: 'odd' }, n: 1, msg: 'it is odd' },
      { level: 30, module: './mine.mjs', msg: 'printed { a: 1 }' },
    ]);
  });

  test('the journal does not grow without end for one that forgets to remove its notes', async () => {
    const { plugin } = await isolatedProvider(`
      refresh: async ({ files }) => {
        for (let at = 0; ; at += 50) await Promise.all(Array.from({ length: 50 }, (_, n) => files.journal.write('note ' + (at + n), 'x')));
      },`);
    await expect(refresh(plugin, 60_000)).rejects.toMatchObject({ code: 'KA_JOURNAL_FULL' });
  }, 90_000);

  test('a line of the log with what cannot be written as JSON is no error', async () => {
    const { plugin } = await isolatedProvider(`
      refresh: async ({ log }) => {
        const ring = { big: 1n };
        log.info({ ring: Object.assign(ring, { ring }) }, 'round and round');
        return { status: 'fresh' };
      },`);
    expect(await refresh(plugin)).toEqual({ status: 'fresh' });
  });

  test.each([
    [
      'an error of the network',
      `throw Object.assign(new TypeError('fetch failed'), { cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) });`,
      {
        code: 'KA_PLUGIN_FAILED',
        cause: { message: 'fetch failed', cause: { message: 'refused', code: 'ECONNREFUSED' } },
      },
    ],
    ['an error of ours', `return options.none.such;`, { code: 'KA_PLUGIN_FAILED', cause: { name: 'TypeError' } }],
    [
      'our own class',
      `await context.exec('no-such-program-at-all', []);`,
      { code: 'KA_PROGRAM_NOT_FOUND', details: { program: 'no-such-program-at-all' } },
    ],
    ['what is no outcome', `return { status: 'splendid' };`, { code: 'KA_PLUGIN_INVALID' }],
    ['what is no error', `throw undefined;`, { code: 'KA_PLUGIN_FAILED', cause: { message: 'undefined' } }],
    [
      'the end of its process',
      `process.exit(3);`,
      { code: 'KA_PLUGIN_FAILED', cause: { message: 'Its process ended: exit code 3.' } },
    ],
  ])('it fails with %s', async (_what, body, error) => {
    const { plugin } = await isolatedProvider(`refresh: async context => { ${body} },`);
    await expect(refresh(plugin)).rejects.toMatchObject(error);
  });

  test('of a hundred megabytes nothing reaches the kernel', async () => {
    const { plugin } = await isolatedProvider(`
      refresh: async ({ log, force }) => {
        const garbage = 'x'.repeat(100_000_000);
        log.info({ garbage }, garbage);
        if (force) throw new Error(garbage);
        return { status: 'deferred', reason: garbage, garbage };
      },
    `);
    expect(JSON.stringify(await refresh(plugin)).length).toBeLessThan(3_000);
    const failed: unknown = await refresh(plugin, 10_000, { force: true }).catch((error: unknown) => error);
    expect(failed instanceof Error && failed.cause instanceof Error && failed.cause.message.length).toBeLessThan(5_000);
  });

  test('options that hold code are refused, with what to do', async () => {
    await expect(isolatedProvider('', { options: { call: () => 1 } })).rejects.toMatchObject({
      code: 'KA_PLUGIN_INVALID',
      details: { problem: expect.stringContaining('isolated: false') },
    });
  });

  test('a plugin that is none is refused, and its process ends', async () => {
    await expect(isolated('export default () => ({});')).rejects.toMatchObject({ code: 'KA_PLUGIN_INVALID' });
  });
});

describe('its process', () => {
  test('ends by itself when nothing is left to do, and is another one the next time', async () => {
    const { plugin, processes } = await isolatedProvider('');
    await refresh(plugin);
    await ended(processes);
    expect(processes.map(({ exitCode }) => exitCode)).toEqual([0]);
    expect(await refresh(plugin)).toEqual({ status: 'fresh' });
    expect(processes).toHaveLength(2);
  });

  test('stays the same for calls that come together', async () => {
    const { plugin, processes } = await isolatedProvider('inspect: async () => ({ present: true }),', {
      lingerMs: 5_000,
    });
    await Promise.all([inspect(plugin), refresh(plugin), inspect(plugin)]);
    expect(processes).toHaveLength(1);
  });

  test('is shared by all entries of a module; one that is ended does not take the others with it', async () => {
    const { plugin, processes, another } = await isolatedProvider(
      `
      refresh: async ({ force }) => { while (force); await new Promise(resolve => setTimeout(resolve, options.ms ?? 0)); return { status: 'deferred', reason: String(options.ms) }; },
    `,
      { lingerMs: 5_000 },
    );
    const slow = await another({ ms: 1_000 });
    expect(processes).toHaveLength(1);
    const innocent = refresh(slow);
    await expect(refresh(plugin, 200, { force: true })).rejects.toMatchObject({ code: 'KA_PLUGIN_TIMEOUT' });
    expect(await innocent).toEqual({ status: 'deferred', reason: '1000' });
    expect(processes).toHaveLength(2);
  });

  test('goes on for the others when one of them goes', async () => {
    const { plugin, processes, another, dispose } = await isolatedProvider('', { lingerMs: 5_000 });
    const other = await another({});
    await dispose();
    expect(await refresh(other)).toEqual({ status: 'fresh' });
    await expect(refresh(plugin)).rejects.toMatchObject({ cause: { message: 'The plugin is not in use any more.' } });
    expect(processes).toHaveLength(1);
  });

  test('ends while a file is watched for it, and what changes is told nevertheless', async () => {
    const { plugin, folder, processes } = await isolatedProvider(
      `watch: ({ files }, changed) => files.watch(options.file, changed),`,
      { options: { file: '~/login.json' } },
    );
    const changed = vi.fn();
    const unwatch = plugin.watch?.(realContext(folder), changed);
    await ended(processes);
    await vi.waitFor(
      () => {
        writeFileSync(join(folder, 'login.json'), String(Math.random()));
        expect(changed).toHaveBeenCalled();
      },
      { timeout: 10_000, interval: 300 },
    );
    expect(processes).toHaveLength(1);
    await unwatch?.();
  });

  test('stays while it alone knows an answer that the disk has refused', async () => {
    const lines: string[] = [];
    const log = pino({ base: null }, { write: line => void lines.push(line) });
    const { plugin, processes } = await isolatedProvider(
      `
      refresh: async ({ files, force, log }) => {
        if (force) return { status: 'deferred', reason: await files.journal.read('sent:x') };
        const { open } = await import('node:fs/promises');
        const handle = await open(process.execPath);
        const note = await files.journal.begin('sent:x', 'sent');
        Object.getPrototypeOf(handle).write = async () => { throw Object.assign(new Error('full'), { code: 'ENOSPC' }); };
        await note.add('the answer').catch(() => undefined);
        await Promise.all([note.close(), handle.close()]);
        setInterval(() => log.info('still here'), 20).unref();
        return { status: 'fresh' };
      },`,
      { log },
    );
    await refresh(plugin);
    // Long after it was told to rest; the timer does not keep it.
    await vi.waitFor(() => expect(lines.length).toBeGreaterThan(25), { timeout: 10_000 });
    expect(processes.map(hasEnded)).toEqual([false]);
    expect(await refresh(plugin, 10_000, { force: true })).toEqual({
      status: 'deferred',
      reason: 'sent\nthe answer\n',
    });
  });

  test('stays while the plugin watches by itself, and watches anew when it was lost', async () => {
    const { plugin, processes } = await isolatedProvider(`
      watch: (context, changed) => { changed(); const timer = setInterval(() => undefined, 1_000); return () => clearInterval(timer); },
    `);
    const changed = vi.fn();
    const unwatch = plugin.watch?.(realContext('/nowhere'), changed);
    await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(1), { timeout: 10_000 });
    await refresh(plugin);
    expect(processes).toHaveLength(1);
    const [first] = processes;
    first?.kill('SIGKILL');
    await ended(processes);
    await refresh(plugin);
    await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(2), { timeout: 10_000 });
    await unwatch?.();
    await ended(processes);
  });

  test('is let go with the plugin', async () => {
    const { processes, dispose } = await isolatedProvider('', { lingerMs: 60_000 });
    await dispose();
    expect(processes.map(hasEnded)).toEqual([true]);
  });

  test('does not end by what a terminal or the system tells all processes of a group', async () => {
    const { plugin, processes } = await isolatedProvider('', { lingerMs: 60_000 });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1'] as const) processes[0]?.kill(signal);
    expect(await refresh(plugin)).toEqual({ status: 'fresh' });
    expect(processes).toHaveLength(1);
  });

  test('is not started for what is over', async () => {
    const { plugin, processes, dispose } = await isolatedProvider('');
    await dispose();
    await expect(refresh(plugin)).rejects.toMatchObject({ cause: { message: 'The plugin is not in use any more.' } });
    expect(processes).toHaveLength(1);
  });
});

describe('at its time limit', () => {
  test('it is killed, also while it spins, and the next attempt has a process of its own', async () => {
    const { plugin, processes } = await isolatedProvider(
      'refresh: async ({ force }) => { while (force); return { status: "fresh" }; },',
    );
    await expect(refresh(plugin, 300, { force: true })).rejects.toMatchObject({ code: 'KA_PLUGIN_TIMEOUT' });
    expect(await refresh(plugin)).toEqual({ status: 'fresh' });
    expect(processes.map(({ signalCode }) => signalCode)).toEqual(['SIGKILL', null]);
  });

  /** A vendor that answers when it is told to. */
  async function slowVendor() {
    let asked = 0;
    const answers: (() => void)[] = [];
    const server = createServer((_request, response) => {
      asked += 1;
      answers.push(() => response.end('the successor'));
      server.emit('asked');
    });
    return {
      server,
      url: await listen(server),
      asked: () => asked,
      answer: () => answers.splice(0).forEach(answer => answer()),
    };
  }

  const RENEWS = (method: string) => `
    refresh: async ({ files, fetch }) => {
      const response = await fetch(options.url, { method: '${method}' });
      const text = await response.text();
      const place = await files.prepare('~/login.json');
      await place.commit(text);
      return { status: 'refreshed' };
    },`;

  test.each([
    ['POST', 'the successor'],
    ['GET', 'the old one'],
  ])(
    '%s: what was sent to renew a credential is finished and written down; what only reads is cut off',
    async (method, left) => {
      const vendor = await slowVendor();
      const { plugin, folder, processes } = await isolatedProvider(RENEWS(method), { options: { url: vendor.url } });
      const file = join(folder, 'login.json');
      writeFileSync(file, 'the old one', { mode: 0o600 });
      const asked = once(vendor.server, 'asked');
      const attempt = refresh(plugin, 2_000).catch((error: unknown) => error);
      await asked;
      expect(await attempt).toMatchObject({ code: 'KA_PLUGIN_TIMEOUT' });
      vendor.answer();
      await ended(processes);
      expect(readFileSync(file, 'utf8')).toBe(left);
      expect(vendor.asked()).toBe(1);
    },
  );

  test('nothing is sent any more', async () => {
    const vendor = await slowVendor();
    const { plugin, processes } = await isolatedProvider(
      `
      refresh: async ({ signal, fetch }) => {
        await new Promise(resolve => signal.addEventListener('abort', resolve));
        await fetch(options.url, { method: 'POST' });
      },`,
      { options: { url: vendor.url } },
    );
    await expect(refresh(plugin, 300)).rejects.toMatchObject({ code: 'KA_PLUGIN_TIMEOUT' });
    await ended(processes);
    expect(vendor.asked()).toBe(0);
  });

  test('no second process is at a credential while the first is renewing it', async () => {
    const vendor = await slowVendor();
    const { plugin, folder, processes } = await isolatedProvider(RENEWS('POST'), { options: { url: vendor.url } });
    writeFileSync(join(folder, 'login.json'), 'the old one');
    await expect(refresh(plugin, 2_000)).rejects.toMatchObject({ code: 'KA_PLUGIN_TIMEOUT' });
    await expect(refresh(plugin, 300)).rejects.toMatchObject({ code: 'KA_PLUGIN_TIMEOUT' });
    expect(processes).toHaveLength(1);
    expect(vendor.asked()).toBe(1);
    vendor.answer();
    await ended(processes);
  });

  test("a vendor's program is not left alone while it runs", async () => {
    const { plugin, folder, processes } = await isolatedProvider(
      `
      refresh: async ({ exec }) => {
        await exec(process.execPath, ['-e', options.program]);
        return { status: 'refreshed' };
      },`,
      {
        options: {
          program: `fs.writeFileSync('../started', ''); const look = () => fs.existsSync('../go') ? fs.writeFileSync('../done', '') : setTimeout(look, 20); look();`,
        },
      },
    );
    const attempt = refresh(plugin, 1_500).catch((error: unknown) => error);
    await vi.waitFor(() => expect(existsSync(join(folder, 'started'))).toBe(true), { timeout: 10_000 });
    await attempt;
    expect(processes.map(hasEnded)).toEqual([false]);
    writeFileSync(join(folder, 'go'), '');
    await ended(processes);
    expect(existsSync(join(folder, 'done'))).toBe(true);
  });

  test('a lock is not left behind: the process is killed once it is released', async () => {
    const { plugin, folder, processes } = await isolatedProvider(
      `
      refresh: async ({ files }) => {
        const { existsSync, writeFileSync } = await import('node:fs');
        const unlock = await files.lock('~/login.lock');
        while (!existsSync(files.resolve('~/go'))) await new Promise(resolve => setTimeout(resolve, 20));
        writeFileSync(files.resolve('~/done'), '');
        await unlock();
        while (true);
      },`,
    );
    await expect(refresh(plugin, 1_500)).rejects.toMatchObject({ code: 'KA_PLUGIN_TIMEOUT' });
    expect(existsSync(join(folder, 'login.lock'))).toBe(true);
    expect(processes.map(hasEnded)).toEqual([false]);
    writeFileSync(join(folder, 'go'), '');
    await ended(processes);
    expect(existsSync(join(folder, 'done'))).toBe(true);
    expect(existsSync(join(folder, 'login.lock'))).toBe(false);
  });
});
