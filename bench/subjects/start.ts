import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '../../sdk/client/client.ts';
import type { Benchmark, Figure, Goal } from '../benchmark.ts';
import { median } from '../measure/statistics.ts';
import { runInTurn, type Command, type Run } from '../measure/whole-processes.ts';

// What a user waits for: whole processes, from their start to their end, and the daemon until its first answer.

const NODE = 'node -e 0';
const SHELL = 'sh -c :';

/** The commands whose start is measured, and how it may compare with Node's own. */
const COMMANDS: readonly { readonly id: string; readonly args: readonly string[]; readonly goal?: Goal }[] = [
  { id: 'prompt', args: ['prompt'], goal: { of: NODE, atMost: 1.3 } },
  { id: 'status', args: ['status'], goal: { of: NODE, atMost: 2 } },
  { id: 'status-json', args: ['status', '--json'], goal: { of: NODE, atMost: 2 } },
  { id: 'version', args: ['--version'] },
  { id: 'help', args: ['--help'] },
  { id: 'check', args: ['check'] },
  { id: 'exec', args: ['exec', '--', 'true'] },
];

const CHECK_LIMIT_MS = 150;
const EXEC_LIMIT_MS = 100;
const FIRST_ANSWER_LIMIT_MS = 300;

export const start: Benchmark = async ({ dist, isQuick, progress }) => {
  const rounds = isQuick ? 2 : 21;
  const folder = await mkdtemp(join(tmpdir(), 'keepalive-bench-'));
  try {
    const places = { dist, rounds, ...(await prepare(folder)) };
    progress('the daemon until its first answer');
    const firstAnswers = await measureFirstAnswers(places);
    progress('commands without a daemon');
    const alone = await measureCommands(places);
    progress('commands beside a daemon');
    const daemon = await startDaemon(places.dist, places.env);
    const beside = await measureCommands(places);
    await daemon.stop();
    return { figures: [...firstAnswers, ...figuresOf('', alone), ...figuresOf('with-daemon/', beside)] };
  } finally {
    await rm(folder, { recursive: true });
  }
};

type Places = {
  readonly dist: string;
  readonly rounds: number;
  /** Everything in a temporary folder, with one healthy session. */
  readonly env: NodeJS.ProcessEnv;
  /** The same without a configuration: the daemon looks for tools. */
  readonly emptyEnv: NodeJS.ProcessEnv;
};

/** A session that is fresh for a day, so that no start asks the network. */
async function prepare(folder: string): Promise<Pick<Places, 'env' | 'emptyEnv'>> {
  const env = await homeIn(folder, 'one');
  const emptyEnv = await homeIn(folder, 'empty');
  const file = join(folder, 'token.json');
  const token = { access_token: 'a', refresh_token: 'r', expires_at: Date.now() + 86_400_000 };
  await writeFile(file, JSON.stringify(token), { mode: 0o600 });
  const paths = { access: 'access_token', refresh: 'refresh_token', expiresAt: 'expires_at' };
  const options = { id: 'acme', file, tokenEndpoint: 'http://127.0.0.1:9/token', clientId: 'acme', paths };
  const config = { plugins: [['oauth', options]] };
  await writeFile(join(folder, 'one/keepalive.config.json'), JSON.stringify(config));
  return { env, emptyEnv };
}

async function homeIn(folder: string, name: string): Promise<NodeJS.ProcessEnv> {
  const home = join(folder, name);
  await mkdir(home, { mode: 0o700 });
  // A development dependency installs a native add-on of ws, whose loading takes some 6 ms. A user does not have it.
  return { ...process.env, HOME: home, KEEPALIVE_HOME: home, WS_NO_BUFFER_UTIL: '1' };
}

async function measureCommands({ dist, rounds, env }: Places): Promise<Readonly<Record<string, Run>>> {
  const main = join(dist, 'plugins/ui-cli/main.js');
  const ours = COMMANDS.map(({ id, args }): [string, Command] => [
    id,
    { program: process.execPath, args: [main, ...args], env },
  ]);
  const peers: Record<string, Command> = {
    [NODE]: { program: process.execPath, args: ['-e', '0'] },
    [SHELL]: { program: 'sh', args: ['-c', ':'] },
  };
  return runInTurn({ ...peers, ...Object.fromEntries(ours) }, rounds);
}

const NO_RUN: Run = { ms: NaN, processorMs: NaN };

function figuresOf(prefix: string, runs: Readonly<Record<string, Run>>): readonly Figure[] {
  const where = prefix === '' ? 'without a daemon' : 'beside a daemon';
  const [node = NO_RUN, shell = NO_RUN] = [runs[NODE], runs[SHELL]];
  const perCommand = COMMANDS.flatMap(({ id, args, goal }): readonly Figure[] => {
    const { ms, processorMs } = runs[id] ?? NO_RUN;
    const what = `keepalive ${args.join(' ')}, ${where}`;
    return [
      {
        id: `${prefix}${id}`,
        what,
        value: ms,
        unit: 'ms',
        beside: { [NODE]: node.ms, [SHELL]: shell.ms },
        ...(goal && { goal }),
      },
      {
        id: `${prefix}${id}/processor`,
        what: '… its processor time',
        value: processorMs,
        unit: 'ms',
        beside: { [NODE]: node.processorMs },
      },
    ];
  });
  const more: Figure = {
    id: `${prefix}check-more`,
    what: `keepalive check, more than Node itself, ${where}`,
    value: (runs['check'] ?? NO_RUN).ms - node.ms,
    unit: 'ms',
    goal: { atMost: CHECK_LIMIT_MS },
  };
  const gate: Figure = {
    id: `${prefix}exec-more`,
    what: `keepalive exec, more than the command itself, ${where}`,
    value: (runs['exec'] ?? NO_RUN).ms - shell.ms,
    unit: 'ms',
    beside: { [NODE]: node.ms - shell.ms },
    ...(prefix !== '' && { goal: { atMost: EXEC_LIMIT_MS } }),
  };
  return [...perCommand, more, gate];
}

async function measureFirstAnswers({ dist, rounds, env, emptyEnv }: Places): Promise<readonly Figure[]> {
  const cases = [
    { id: 'first-answer', what: 'the start of the daemon until its first answer, 1 session', env },
    { id: 'first-answer-auto', what: '… without a configuration, in an empty home', env: emptyEnv },
  ];
  const measured = new Map(cases.map(({ id }) => [id, [] as number[]]));
  for (let round = 0; round <= rounds; round++) {
    for (const { id, env } of cases) {
      const { answeredAfterMs, stop } = await startDaemon(dist, env);
      await stop();
      if (round > 0) measured.get(id)?.push(answeredAfterMs);
    }
  }
  return cases.map(({ id, what }) => ({
    id,
    what,
    value: median(measured.get(id) ?? []),
    unit: 'ms',
    goal: { atMost: FIRST_ANSWER_LIMIT_MS },
  }));
}

async function startDaemon(dist: string, env: NodeJS.ProcessEnv) {
  const home = env['KEEPALIVE_HOME'] ?? '';
  const started = performance.now();
  const daemon = spawn(process.execPath, [join(dist, 'kernel/main.js')], {
    env,
    cwd: home,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await once(daemon, 'message');
  const client = await connect({ endpointFile: join(home, 'endpoint.json') });
  await client.request('kernel/info');
  const answeredAfterMs = performance.now() - started;
  const stop = async () => {
    const ended = once(daemon, 'exit');
    await client.request('kernel/stop');
    await ended;
    client.close();
  };
  return { answeredAfterMs, stop };
}
