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
  vi.waitFor(() => expect(processes.map(hasEnded)).not.toContain(false), { timeout: 30_000 });

describe('an isolated plugin', () => {
  test('gets and returns the same as in the daemon: options, facts of the attempt, dates, policy', async () => {
    const { plugin } = await isolatedProvider(
      `
      policy: { schedule: { mode: 'interval', every: '7m' } },
      refresh: async ({ reason, force, refreshBefore, last, now }) => ({
        status: 'deferred', until: new Date(options.at), reason: JSON.stringify({ reason, force, refreshBefore, last }),
      }),
      inspect: async ({ env }) => ({
        present: true, store: env.HOME, expiresAt: new Date(options.at), fingerprint: 'f', refreshFingerprint: 'r',
        account: 'a', loginEndIsFixed: true,
      }),
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
    ['the network, then fails', "await fetch('data:,'); throw new Error('no');", true],
  ])('the kernel knows whether it used the network or a program: %s', async (_name, work, expected) => {
    const { plugin } = await isolatedProvider(
      `refresh: async ({ fetch, exec }) => { ${work} return { status: 'fresh' }; },`,
    );
    const { context, hasAsked } = watchAsking(realContext('/nowhere', { signal: new AbortController().signal }));
    await plugin.refresh(context).catch(() => undefined);
    expect(hasAsked()).toBe(expected);
  });

  test('the kernel gets its secrets, its log lines and what it prints', async () => {
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

  test('cannot fill the journal by never removing its notes', async () => {
    const { plugin } = await isolatedProvider(`
      refresh: async ({ files }) => {
        const write = at => files.journal.write('note ' + at, 'x');
        for (let at = 0; ; at += 50) await Promise.all(Array.from({ length: 50 }, (_, n) => write(at + n)));
      },`);
    await expect(refresh(plugin, 60_000)).rejects.toMatchObject({ code: 'KA_JOURNAL_FULL' });
  }, 90_000);

  test('may log values that JSON cannot hold', async () => {
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
      `const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
      throw Object.assign(new TypeError('fetch failed'), { cause });`,
      {
        code: 'KA_PLUGIN_FAILED',
        cause: { message: 'fetch failed', cause: { message: 'refused', code: 'ECONNREFUSED' } },
      },
    ],
    ['a bug', `return options.none.such;`, { code: 'KA_PLUGIN_FAILED', cause: { name: 'TypeError' } }],
    [
      'a KeepaliveError',
      `await context.exec('no-such-program-at-all', []);`,
      { code: 'KA_PROGRAM_NOT_FOUND', details: { program: 'no-such-program-at-all' } },
    ],
    ['a value that is not an outcome', `return { status: 'splendid' };`, { code: 'KA_PLUGIN_INVALID' }],
    [
      'a thrown value that is not an error',
      `throw undefined;`,
      { code: 'KA_PLUGIN_FAILED', cause: { message: 'undefined' } },
    ],
    [
      'the end of its process',
      `process.exit(3);`,
      { code: 'KA_PLUGIN_FAILED', cause: { message: 'Its process ended: exit code 3.' } },
    ],
  ])('fails with %s', async (_what, body, error) => {
    const { plugin } = await isolatedProvider(`refresh: async context => { ${body} },`);
    await expect(refresh(plugin)).rejects.toMatchObject(error);
  });

  test('cannot send a hundred megabytes to the kernel', async () => {
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

  test('cannot have options with code; the error says what to do', async () => {
    await expect(isolatedProvider('', { options: { call: () => 1 } })).rejects.toMatchObject({
      code: 'KA_PLUGIN_INVALID',
      details: { problem: expect.stringContaining('isolated: false') },
    });
  });

  test('is refused if it is invalid, and its process ends', async () => {
    await expect(isolated('export default () => ({});')).rejects.toMatchObject({ code: 'KA_PLUGIN_INVALID' });
  });
});

describe('its process', () => {
  test('exits when it is idle; the next call starts a new one', async () => {
    const { plugin, processes } = await isolatedProvider('');
    await refresh(plugin);
    await ended(processes);
    expect(processes.map(({ exitCode }) => exitCode)).toEqual([0]);
    expect(await refresh(plugin)).toEqual({ status: 'fresh' });
    expect(processes).toHaveLength(2);
  });

  test('is the same for concurrent calls', async () => {
    const { plugin, processes } = await isolatedProvider('inspect: async () => ({ present: true }),', {
      lingerMs: 5_000,
    });
    await Promise.all([inspect(plugin), refresh(plugin), inspect(plugin)]);
    expect(processes).toHaveLength(1);
  });

  test('is shared by all entries of a module; if one is killed, calls of the others are retried', async () => {
    const { plugin, processes, another } = await isolatedProvider(
      `
      refresh: async ({ force }) => {
        while (force);
        await new Promise(resolve => setTimeout(resolve, options.ms ?? 0));
        return { status: 'deferred', reason: String(options.ms) };
      },
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

  test('continues for the other entries when one is disposed', async () => {
    const { plugin, processes, another, dispose } = await isolatedProvider('', { lingerMs: 5_000 });
    const other = await another({});
    await dispose();
    expect(await refresh(other)).toEqual({ status: 'fresh' });
    await expect(refresh(plugin)).rejects.toMatchObject({ cause: { message: 'The plugin is not in use any more.' } });
    expect(processes).toHaveLength(1);
  });

  test('exits while the kernel watches a file for it, and changes are still noticed', async () => {
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
      { timeout: 30_000, interval: 300 },
    );
    expect(processes).toHaveLength(1);
    await unwatch?.();
  });

  test('stays while it holds an answer that the disk refused', async () => {
    const lines: string[] = [];
    const log = pino({ base: null }, { write: line => void lines.push(line) });
    const { plugin, processes } = await isolatedProvider(
      `
      refresh: async ({ files, force, log }) => {
        if (force) return { status: 'deferred', reason: await files.journal.read('sent:x') };
        const { open } = await import('node:fs/promises');
        const handle = await open(process.execPath);
        const note = await files.journal.begin('sent:x', 'sent');
        const full = Object.assign(new Error('full'), { code: 'ENOSPC' });
        Object.getPrototypeOf(handle).write = async () => { throw full; };
        await note.add('the answer').catch(() => undefined);
        await Promise.all([note.close(), handle.close()]);
        setInterval(() => log.info('still here'), 20).unref();
        return { status: 'fresh' };
      },`,
      { log },
    );
    await refresh(plugin);
    // Long after it became idle; the unreferenced timer does not keep it running.
    await vi.waitFor(() => expect(lines.length).toBeGreaterThan(25), { timeout: 30_000 });
    expect(processes.map(hasEnded)).toEqual([false]);
    expect(await refresh(plugin, 10_000, { force: true })).toEqual({
      status: 'deferred',
      reason: 'sent\nthe answer\n',
    });
  });

  test('stays while the plugin has its own watcher, which is started again after a crash', async () => {
    const { plugin, processes } = await isolatedProvider(`
      watch: (context, changed) => {
        changed();
        const timer = setInterval(() => undefined, 1_000);
        return () => clearInterval(timer);
      },
    `);
    const changed = vi.fn();
    const unwatch = plugin.watch?.(realContext('/nowhere'), changed);
    await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(1), { timeout: 30_000 });
    await refresh(plugin);
    expect(processes).toHaveLength(1);
    const [first] = processes;
    first?.kill('SIGKILL');
    await ended(processes);
    await refresh(plugin);
    await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(2), { timeout: 30_000 });
    await unwatch?.();
    await ended(processes);
  });

  test('ends when the plugin is disposed', async () => {
    const { processes, dispose } = await isolatedProvider('', { lingerMs: 60_000 });
    await dispose();
    expect(processes.map(hasEnded)).toEqual([true]);
  });

  test('ignores signals that the terminal or the system sends to the process group', async () => {
    const { plugin, processes } = await isolatedProvider('', { lingerMs: 60_000 });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1'] as const) processes[0]?.kill(signal);
    expect(await refresh(plugin)).toEqual({ status: 'fresh' });
    expect(processes).toHaveLength(1);
  });

  test('is not started again for a disposed plugin', async () => {
    const { plugin, processes, dispose } = await isolatedProvider('');
    await dispose();
    await expect(refresh(plugin)).rejects.toMatchObject({ cause: { message: 'The plugin is not in use any more.' } });
    expect(processes).toHaveLength(1);
  });
});

describe('at its time limit', () => {
  test('it is killed, even in an endless loop, and the next attempt gets a new process', async () => {
    const { plugin, processes } = await isolatedProvider(
      'refresh: async ({ force }) => { while (force); return { status: "fresh" }; },',
    );
    await expect(refresh(plugin, 300, { force: true })).rejects.toMatchObject({ code: 'KA_PLUGIN_TIMEOUT' });
    expect(await refresh(plugin)).toEqual({ status: 'fresh' });
    expect(processes.map(({ signalCode }) => signalCode)).toEqual(['SIGKILL', null]);
  });

  /** A vendor that answers when the test says so. */
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
    '%s: a request that may renew a credential is finished and saved; one that only reads is cut off',
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

  test('no critical section begins any more', async () => {
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

  test('no second process starts while the first one renews a credential', async () => {
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

  test("it is not killed while a vendor's program runs", async () => {
    const { plugin, folder, processes } = await isolatedProvider(
      `
      refresh: async ({ exec }) => {
        await exec(process.execPath, ['-e', options.program]);
        return { status: 'refreshed' };
      },`,
      {
        options: {
          program: `
            fs.writeFileSync('../started', '');
            const check = () => fs.existsSync('../go') ? fs.writeFileSync('../done', '') : setTimeout(check, 20);
            check();`,
        },
      },
    );
    const attempt = refresh(plugin, 1_500).catch((error: unknown) => error);
    await vi.waitFor(() => expect(existsSync(join(folder, 'started'))).toBe(true), { timeout: 30_000 });
    await attempt;
    expect(processes.map(hasEnded)).toEqual([false]);
    writeFileSync(join(folder, 'go'), '');
    await ended(processes);
    expect(existsSync(join(folder, 'done'))).toBe(true);
  });

  test('it is not killed while it holds a lock', async () => {
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
