import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { realDeps, runCli } from '../../../plugins/ui-cli/cli.ts';
import { quickGate } from '../../../plugins/ui-cli/gate/quick-gate.ts';
import { connect } from '../../../sdk/client/client.ts';
import { MIN_MS, type Login } from './login.ts';

export type Start = {
  readonly job: 'done' | 'failed' | 'refused';
  /** Until the job started or was refused. */
  readonly ms: number;
};

const ARGS = ['--min', `${MIN_MS}ms`, '--', 'true'];

/** One start beside the daemon of this home, in this process: what `exec` does until it becomes the command. */
export async function startBeside(home: string, login: Login): Promise<Start> {
  const env = { ...process.env, KEEPALIVE_HOME: home };
  const begun = performance.now();
  const isOpen = quickGate(ARGS, env, Date.now()) !== undefined || (await connected(home, env));
  const ms = performance.now() - begun;
  return { job: isOpen ? await work(login) : 'refused', ms };
}

async function connected(home: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  let became = false;
  const deps = realDeps({ env, descriptors: [] });
  await runCli(['exec', ...ARGS], {
    ...deps,
    env,
    out: { write: () => true },
    err: { write: () => true },
    become: async () => ((became = true), 0),
    system: { ...deps.system, connect: () => connect({ endpointFile: join(home, 'endpoint.json') }) },
  });
  return became;
}

/** A job that uses its login at once, and again as late as it was promised. */
export async function work(login: Login): Promise<'done' | 'failed'> {
  const isGood = await login.isGood();
  await sleep(MIN_MS);
  return isGood && (await login.isGood()) ? 'done' : 'failed';
}
