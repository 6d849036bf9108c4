import 'reflect-metadata';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { createScheduler } from '../../../kernel/scheduler/scheduler.ts';
import { silentLog } from '../../../runtime/log/log.ts';
import { Scrubber } from '../../../runtime/log/redact.ts';
import type { NoticesConfig } from '../../../sdk/contract/config.ts';
import { KeepaliveError, offline } from '../../../sdk/contract/errors.ts';
import type { Notice } from '../../../sdk/contract/session.ts';
import { defineNotifier, type NotifierPlugin } from '../../../sdk/plugin/notifier.ts';
import { openOutboxes } from '../../../state/outboxes.ts';
import { openSettings } from '../../../state/settings.ts';
import { seededRandom, SimulatedClock } from '../../support/clock/simulated-clock.ts';
import { notice } from '../../support/notice.ts';
import { configOf, makeNotifiers } from '../../support/notifiers.ts';
import { temporaryFolder } from '../../support/real-context.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** The clock starts on a Monday at 12:00 UTC. */
const NIGHT: NoticesConfig = { quiet: { from: '22:00', to: '07:00', timezone: 'UTC' } };
let clock: SimulatedClock;
let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  clock = new SimulatedClock();
  clock.rule(seededRandom(1));
});

const failing = (session: string): Notice => notice({ id: `${session}:failing`, session, code: 'failing' });
const recovered = (session: string): Notice =>
  notice({ id: `${session}:recovered`, session, code: 'recovered', level: 'info' });
const idsOf = (notices: readonly Notice[]) => notices.map(({ id }) => id).join(' ');

/** A channel that returns receipts, and is out of reach while `isDown`. */
function channel(id = 'chat', others: Partial<NotifierPlugin> = {}) {
  const state = { isDown: false, heard: [] as string[], sent: 0 };
  const hear = async (text: string) => {
    if (state.isDown) throw offline({ host: 'chat.example', reason: 'ENOTFOUND' });
    state.heard.push(text);
  };
  const send = async (notices: readonly Notice[]) => {
    await hear(idsOf(notices));
    return `message-${(state.sent += 1)}`;
  };
  const plugin = defineNotifier({
    id,
    raise: raised => send([raised]),
    raiseMany: send,
    clear: (cleared, _context, receipt) => hear(`clear ${cleared.id}, ${receipt ?? 'no receipt'}`),
    ...others,
  });
  /** What was heard since the last call. */
  const news = () => state.heard.splice(0);
  return { plugin, state, news };
}

/** One run of a daemon. It ends with `stop`. */
async function daemon(notices: NoticesConfig, plugins: readonly NotifierPlugin[], active: readonly Notice[] = []) {
  const log = silentLog();
  const touching = (task: () => void) => () => (clock.touch(), task());
  const { now, monotonic, addresses, setTimer } = clock;
  const scheduler = createScheduler({
    now,
    monotonic,
    addresses,
    setTimer: (task, ms) => setTimer(touching(task), ms),
  });
  const outboxes = await openOutboxes(join(folder, 'notices.json'), log);
  const config = configOf(notices);
  const settings = await openSettings(join(folder, 'settings.json'), log);
  const scrubber = new Scrubber();
  scrubber.conceal('CANARY-of-options');
  const notifiers = makeNotifiers({ settings, config, outboxes, scheduler, scrubber });
  const isActive = (id: string) => active.some(one => one.id === id);
  const load = (loaded: readonly NotifierPlugin[], more = false) =>
    notifiers.replace(loaded, { missed: [], isActive, more });
  load(plugins);
  const configure = (next: NoticesConfig) => {
    config.current = configOf(next).current;
    load(plugins);
  };
  const stop = () => {
    scheduler.stop();
    return outboxes.flush();
  };
  onTestFinished(stop);
  const raise = (...raised: readonly Notice[]) => raised.forEach(one => notifiers.raise(one));
  const clear = (...cleared: readonly Notice[]) => cleared.forEach(one => notifiers.clear(one));
  return { notifiers, raise, clear, configure, load, stop };
}

const saved = async () => JSON.parse(await readFile(join(folder, 'notices.json'), 'utf8'));

describe('a digest', () => {
  test('has everything that came within a short time, also over several seconds', async () => {
    const { plugin, news } = channel();
    const { raise } = await daemon({}, [plugin]);
    for (const session of ['a', 'b', 'c']) {
      raise(failing(session));
      await clock.run(1_500);
    }
    expect(news()).toEqual([]);
    await clock.run(1_000);
    expect(news()).toEqual(['a:failing b:failing c:failing']);
  });

  test('does not delay one error by more than two seconds', async () => {
    const { plugin, news } = channel();
    const { raise } = await daemon({}, [plugin]);
    raise(failing('a'));
    await clock.run(2_000);
    expect(news()).toEqual(['a:failing']);
  });

  test('leaves out what ended before it was sent, with its recovery', async () => {
    const { plugin, news } = channel();
    const { raise, clear } = await daemon({}, [plugin]);
    raise(failing('a'), failing('b'));
    clear(failing('a'));
    raise(recovered('a'));
    await clock.run(HOUR);
    expect(news()).toEqual(['b:failing']);
  });

  test('is many messages for a notifier that cannot send several notices at once', async () => {
    const { plugin, news } = channel();
    const { raiseMany: _many, ...alone } = plugin;
    const { raise } = await daemon({}, [alone]);
    raise(failing('a'), failing('b'));
    await clock.run(MINUTE);
    expect(news()).toEqual(['a:failing', 'b:failing']);
  });

  test('is withdrawn once, when the last of its notices has ended', async () => {
    const { plugin, news } = channel();
    const { raise, clear } = await daemon({}, [plugin]);
    raise(failing('a'), failing('b'), recovered('c'));
    await clock.run(MINUTE);
    clear(failing('a'));
    await clock.run(MINUTE);
    expect(news()).toEqual(['a:failing b:failing c:recovered']);
    clear(failing('b'));
    await clock.run(0);
    expect(news()).toEqual(['clear keepalive:digest:c:recovered, message-1']);
  });

  test('of 0s is none: each notice is sent alone and at once', async () => {
    const { plugin, news } = channel();
    const { raise } = await daemon({ digest: '0s' }, [plugin]);
    raise(failing('a'), failing('b'));
    await clock.run(0);
    expect(news()).toEqual(['a:failing', 'b:failing']);
  });
});

describe('quiet hours', () => {
  test('hold everything, and their end delivers it as one message', async () => {
    const { plugin, news } = channel();
    const { raise, clear } = await daemon(NIGHT, [plugin]);
    await clock.run(11 * HOUR);
    raise(failing('a'), failing('b'));
    await clock.run(3 * HOUR);
    raise(notice());
    clear(failing('b'));
    raise(recovered('b'));
    await clock.run(5 * HOUR - 1);
    expect(news()).toEqual([]);
    await clock.run(1);
    expect(news()).toEqual(['a:failing codex:login-required']);
  });

  test('deliver no recovery of a session that is in trouble again', async () => {
    const { plugin, news } = channel();
    const { raise, clear } = await daemon(NIGHT, [plugin]);
    raise(failing('a'));
    await clock.run(11 * HOUR);
    clear(failing('a'));
    raise(recovered('a'));
    await clock.run(HOUR);
    raise(failing('a'));
    await clock.run(8 * HOUR);
    expect(news()).toEqual(['a:failing', 'clear a:failing, message-1', 'a:failing']);
  });

  test('let through what they except', async () => {
    const { plugin, news } = channel();
    const quiet = { ...NIGHT.quiet, from: '00:00', to: '00:00', except: ['login-required' as const] };
    const { raise } = await daemon({ quiet }, [plugin]);
    raise(failing('a'), notice());
    await clock.run(MINUTE);
    expect(news()).toEqual(['codex:login-required']);
  });

  test('do not hold a withdrawal', async () => {
    const { plugin, news } = channel();
    const { raise, clear } = await daemon(NIGHT, [plugin]);
    raise(failing('a'));
    await clock.run(11 * HOUR);
    clear(failing('a'));
    raise(recovered('a'));
    await clock.run(0);
    expect(news()).toEqual(['a:failing', 'clear a:failing, message-1']);
    await clock.run(8 * HOUR);
    expect(news()).toEqual(['a:recovered']);
  });

  test('survive a restart with what they hold; what ended meanwhile is not delivered', async () => {
    const { plugin, news } = channel();
    const first = await daemon(NIGHT, [plugin]);
    await clock.run(11 * HOUR);
    first.raise(failing('a'), failing('b'));
    await first.stop();
    expect((await stat(join(folder, 'notices.json'))).mode & 0o777).toBe(0o600);
    await daemon(NIGHT, [plugin], [failing('a')]);
    await clock.run(9 * HOUR);
    expect(news()).toEqual(['a:failing']);
  });

  test.each<[string, number, string[]]>([
    ['a machine that sleeps through their end delivers after it woke up', 9 * HOUR, ['a:failing']],
    ['a clock that is set back into them holds again', -2 * HOUR, []],
  ])('%s', async (_name, by, expected) => {
    const { plugin, news } = channel();
    const { raise } = await daemon(NIGHT, [plugin]);
    await clock.run(11 * HOUR);
    raise(failing('a'));
    clock.jump(`${Math.abs(by)}ms`, by > 0 ? 1 : -1);
    if (by < 0) clock.jump('1h');
    await clock.run(MINUTE);
    expect(news()).toEqual(expected);
  });

  test('that are taken out of the configuration end at once', async () => {
    const { plugin, news } = channel();
    const { raise, configure } = await daemon(NIGHT, [plugin]);
    await clock.run(11 * HOUR);
    raise(failing('a'), failing('b'));
    await clock.run(MINUTE);
    configure({});
    await clock.run(0);
    expect(news()).toEqual(['a:failing b:failing']);
  });

  test('a notifier that is switched off meanwhile delivers nothing afterwards, also when it is on again', async () => {
    const { plugin, news } = channel();
    const { raise, notifiers } = await daemon(NIGHT, [plugin]);
    await clock.run(11 * HOUR);
    raise(failing('a'));
    expect(await notifiers.list()).toMatchObject([
      { id: 'chat', waiting: 1, quiet: { from: '22:00', until: clock.now() + 8 * HOUR } },
    ]);
    await notifiers.configure('chat', false);
    await notifiers.configure('chat', true);
    await clock.run(9 * HOUR);
    expect(news()).toEqual([]);
  });

  test('do not hold a test notice', async () => {
    const { plugin, news } = channel();
    const { notifiers } = await daemon({ quiet: { from: '00:00', to: '00:00' } }, [plugin]);
    expect(await notifiers.test('chat')).toEqual([{ id: 'chat', delivered: true }]);
    expect(news()).toEqual(['keepalive:test']);
  });
});

describe('routes', () => {
  test('lead each notifier the notices that it gets, and only their withdrawals', async () => {
    const [mine, all] = [channel('mine'), channel('all')];
    const routes = { mine: { sessions: ['a'], levels: ['error' as const] } };
    const { raise, clear, notifiers } = await daemon({ routes, digest: '0s' }, [mine.plugin, all.plugin]);
    raise(failing('a'), failing('b'), recovered('a'));
    await clock.run(0);
    clear(failing('b'));
    await clock.run(0);
    expect(mine.news()).toEqual(['a:failing']);
    expect(all.news()).toEqual(['a:failing', 'b:failing', 'a:recovered', 'clear b:failing, message-2']);
    expect(await notifiers.list()).toMatchObject([{ id: 'mine', route: routes.mine }, { id: 'all' }]);
  });

  test('that change apply to what still waits', async () => {
    const { plugin, news } = channel();
    const { raise, configure } = await daemon(NIGHT, [plugin]);
    await clock.run(11 * HOUR);
    raise(failing('a'), failing('b'));
    configure({ ...NIGHT, routes: { chat: { sessions: ['b'] } } });
    await clock.run(9 * HOUR);
    expect(news()).toEqual(['b:failing']);
  });
});

describe('receipts', () => {
  test('withdraw a message after a restart, and are then forgotten', async () => {
    const { plugin, news } = channel();
    const first = await daemon({}, [plugin]);
    first.raise(failing('a'));
    await clock.run(MINUTE);
    await first.stop();
    expect(await saved()).toMatchObject({
      version: 1,
      notifiers: { chat: { waiting: [], messages: [{ receipt: 'message-1', notices: [{ id: 'a:failing' }] }] } },
    });
    const second = await daemon({}, [plugin], [failing('a')]);
    second.clear(failing('a'));
    await clock.run(0);
    await second.stop();
    expect(news()).toEqual(['a:failing', 'clear a:failing, message-1']);
    expect(await saved()).toEqual({ version: 1, notifiers: {} });
  });

  test('withdraw at the start what ended while no daemon ran', async () => {
    const { plugin, news } = channel();
    const first = await daemon({}, [plugin]);
    first.raise(failing('a'));
    await clock.run(MINUTE);
    await first.stop();
    news();
    await daemon({}, [plugin]);
    await clock.run(0);
    expect(news()).toEqual(['clear a:failing, message-1']);
  });

  test('of a removed notifier are dropped, but not while others are still loading', async () => {
    const { plugin } = channel();
    const { raise, load, stop } = await daemon({}, [plugin]);
    raise(failing('a'));
    await clock.run(MINUTE);
    load([], true);
    await stop();
    expect(await saved()).toMatchObject({ notifiers: { chat: {} } });
    load([]);
    await stop();
    expect(await saved()).toMatchObject({ notifiers: {} });
    expect(await saved()).not.toMatchObject({ notifiers: { chat: {} } });
  });

  test.each<[string, unknown]>([
    ['a number', 42],
    ['an object', { ts: '1' }],
    ['empty', ''],
    ['secret', 'https://chat.example/hooks/CANARY-of-options'],
    ['longer than anything that identifies a message', 'x'.repeat(1_001)],
  ])('that are %s are not kept, and the notice is still withdrawn', async (_what, receipt) => {
    const raise = (async () => receipt) as NotifierPlugin['raise'];
    const { plugin, news } = channel('odd', { raise });
    const odd = await daemon({}, [plugin]);
    odd.raise(failing('a'));
    await clock.run(MINUTE);
    odd.clear(failing('a'));
    await clock.run(0);
    expect(news()).toEqual(['clear a:failing, no receipt']);
  });
});

describe('a channel that cannot be reached', () => {
  test('gets withdrawals later that have no receipt, but not of what is raised again', async () => {
    const { plugin, state, news } = channel('hook');
    const raiseMany = async (notices: readonly Notice[]) =>
      void (await plugin.raiseMany?.(notices, undefined as never));
    const hook = { ...plugin, raise: async (one: Notice) => raiseMany([one]), raiseMany };
    const first = await daemon({}, [hook]);
    first.raise(failing('a'), failing('b'));
    await clock.run(MINUTE);
    state.isDown = true;
    first.clear(failing('a'), failing('b'));
    await clock.run(MINUTE / 2);
    state.isDown = false;
    first.raise(failing('b'));
    await clock.run(5_000);
    expect(news()).toEqual(['a:failing b:failing', 'b:failing', 'clear a:failing, no receipt']);
    state.isDown = true;
    first.clear(failing('b'));
    await clock.run(0);
    await first.stop();
    state.isDown = false;
    const second = await daemon({}, [hook]);
    await clock.run(0);
    expect(news()).toEqual(['clear b:failing, no receipt']);
    await second.stop();
    expect(await saved()).toEqual({ version: 1, notifiers: {} });
  });

  test('gets the withdrawal of a message with several notices after a restart, with its own title', async () => {
    const titles: string[] = [];
    const { plugin, state, news } = channel('chat', {
      clear: async ({ title }) => {
        if (state.isDown) throw offline({ host: 'chat.example', reason: 'HTTP 503' });
        titles.push(title);
      },
    });
    const first = await daemon({}, [plugin]);
    first.raise(failing('a'), failing('b'));
    await clock.run(MINUTE);
    state.isDown = true;
    first.clear(failing('b'), failing('a'));
    await clock.run(0);
    await first.stop();
    state.isDown = false;
    await daemon({}, [plugin]);
    await clock.run(HOUR);
    expect(news()).toEqual(['a:failing b:failing']);
    expect(titles).toEqual(['2 sessions cannot be kept alive']);
  });

  test('gets what it missed as one message when the network has changed, in few tries until then', async () => {
    const { plugin, state, news } = channel();
    let tries = 0;
    const counted = {
      ...plugin,
      raise: (...given: Parameters<NotifierPlugin['raise']>) => ((tries += 1), plugin.raise(...given)),
    };
    const { raise, clear } = await daemon({}, [counted]);
    state.isDown = true;
    raise(failing('a'));
    await clock.run(3 * HOUR);
    expect(tries).toBeLessThan(12);
    clock.network = '198.51.100.7';
    state.isDown = false;
    raise(failing('b'), failing('c'));
    clear(failing('c'));
    await clock.run(20_000);
    expect(news()).toEqual(['a:failing b:failing']);
  });

  test('gets it at the next try without a change of the network', async () => {
    const { plugin, state, news } = channel();
    const { raise } = await daemon({}, [plugin]);
    state.isDown = true;
    raise(failing('a'));
    await clock.run(MINUTE);
    state.isDown = false;
    await clock.run(5 * MINUTE);
    expect(news()).toEqual(['a:failing']);
  });

  test('gets it as soon as a test notice has reached it', async () => {
    const { plugin, state, news } = channel();
    const { raise, notifiers } = await daemon({}, [plugin]);
    state.isDown = true;
    raise(failing('a'));
    await clock.run(HOUR);
    state.isDown = false;
    await notifiers.test();
    await clock.run(0);
    expect(news()).toEqual(['keepalive:test', 'a:failing']);
  });

  test('gets it after a restart', async () => {
    const { plugin, state, news } = channel();
    const first = await daemon({}, [plugin]);
    state.isDown = true;
    first.raise(failing('a'));
    await clock.run(MINUTE);
    await first.stop();
    state.isDown = false;
    await daemon({}, [plugin], [failing('a')]);
    await clock.run(MINUTE);
    expect(news()).toEqual(['a:failing']);
  });

  test('never hears of trouble that ended meanwhile', async () => {
    const { plugin, state, news } = channel();
    const { raise, clear } = await daemon({}, [plugin]);
    state.isDown = true;
    raise(failing('a'));
    await clock.run(5_000);
    clear(failing('a'));
    raise(recovered('a'));
    state.isDown = false;
    await clock.run(HOUR);
    expect(news()).toEqual([]);
  });

  test('gets a withdrawal later, while new notices go on', async () => {
    const { plugin, state, news } = channel();
    const { raise, clear } = await daemon({}, [plugin]);
    raise(failing('a'));
    await clock.run(MINUTE);
    state.isDown = true;
    clear(failing('a'));
    await clock.run(MINUTE);
    raise(failing('a'));
    await clock.run(10_000);
    state.isDown = false;
    await clock.run(HOUR);
    expect(news()).toEqual(['a:failing', 'a:failing', 'clear a:failing, message-1']);
    clear(failing('a'));
    await clock.run(0);
    expect(news()).toEqual(['clear a:failing, message-2']);
  });
});

test('a notice waits while the secret of its channel cannot be read, because nothing was sent', async () => {
  let isReadable = false;
  const { plugin, news } = channel();
  const raise: NotifierPlugin['raise'] = async (...given) => {
    if (!isReadable) throw new KeepaliveError('KA_STORE_UNREADABLE', { path: '/secret', reason: 'ENOENT' });
    return plugin.raise(...given);
  };
  const odd = await daemon({}, [{ ...plugin, raise }]);
  odd.raise(failing('a'));
  await clock.run(MINUTE);
  isReadable = true;
  await clock.run(5 * MINUTE);
  expect(news()).toEqual(['a:failing']);
});

test('a notice that was refused is not sent twice', async () => {
  const heard: string[] = [];
  const raise = async ({ id }: Notice) => {
    heard.push(id);
    throw new Error('The program exited with 1.');
  };
  const { plugin } = channel('odd', { raise });
  const odd = await daemon({}, [plugin]);
  odd.raise(failing('a'));
  await clock.run(24 * HOUR);
  expect(heard).toEqual(['a:failing']);
});

test('nothing is written and no alarm is set while there are no notices', async () => {
  const { plugin } = channel();
  const { stop } = await daemon(NIGHT, [plugin]);
  await clock.run(HOUR);
  await stop();
  await expect(stat(join(folder, 'notices.json'))).rejects.toMatchObject({ code: 'ENOENT' });
});
