import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { homedir, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { args, load, root, save } from './stand-in.mjs';

// One job of launchd: starts its program, and again after a failure, until it is booted out. A second is shorter here.
const [label] = args;
const file = name => join(root, `launchd/${label}.${name}`);
const TICK_MS = 20;
const job = load(`launchd/${label}.json`);
const { definition, settings } = job;
const { secondMs = 20, lingerMs = 0 } = settings;
const show = facts => save(`launchd/${label}.json`, Object.assign(job, facts));
/** A test may remove its folder before the job has seen that it is booted out. */
const isRemoved = () => existsSync(file('removing')) || !existsSync(file('json'));

/** launchd gives an agent this environment, not the one of a shell. */
const environment = {
  HOME: homedir(),
  USER: userInfo().username,
  LOGNAME: userInfo().username,
  SHELL: '/bin/zsh',
  TMPDIR: tmpdir(),

  XPC_SERVICE_NAME: label,
  ...definition.EnvironmentVariables,
  // The stand-ins take the place of the programs in /usr/bin.
  PATH: [join(root, 'bin'), definition.EnvironmentVariables.PATH ?? '/usr/bin:/bin:/usr/sbin:/sbin'].join(':'),
  ...(process.env.HOME && { HOME: process.env.HOME }),
  // The program takes this machine for a Mac.
  NODE_OPTIONS: `--import ${pathToFileURL(join(import.meta.dirname, 'darwin.mjs')).href}`,
};

async function run() {
  const [program, ...words] = definition.ProgramArguments;
  const child = spawn(program, words, { env: environment, stdio: 'ignore', detached: true, cwd: '/' });
  const end = { code: undefined };
  child.once('exit', (exitCode, signal) => (end.code = exitCode ?? signal));
  child.once('error', () => (end.code = 78));
  show({ pid: child.pid, runs: job.runs + 1 });
  for (let asked = 0; end.code === undefined; await sleep(TICK_MS)) {
    if (!isRemoved()) continue;
    if (asked === 0) child.kill('SIGTERM');
    asked += TICK_MS;
    if (asked > definition.ExitTimeOut * 1_000) child.kill('SIGKILL');
  }
  show({ pid: undefined, lastExitCode: end.code });
  return end.code !== 0;
}

/** Whether it is started again: after a failure, or when asked to. */
async function isDue(hasFailed) {
  const wait =
    hasFailed && definition.KeepAlive.SuccessfulExit === false ? definition.ThrottleInterval * secondMs : Infinity;
  for (let waited = 0; waited < wait; waited += TICK_MS) {
    if (isRemoved()) return false;
    if (existsSync(file('kick'))) break;
    await sleep(TICK_MS);
  }
  rmSync(file('kick'), { force: true });
  return true;
}

let isWanted = definition.RunAtLoad || (await isDue(false));
while (isWanted) isWanted = await isDue(await run());
// The job is known for a moment after its program has ended.
await sleep(lingerMs);
rmSync(join(root, `launchd/${label}.json`), { force: true });
rmSync(file('removing'), { force: true });
rmSync(file('supervisor'), { force: true });
