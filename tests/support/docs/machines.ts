import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { environment, KEEPALIVE } from '../daemon/daemon.ts';
import { TEMPORARY } from '../io/temporary.ts';

const run = promisify(execFile);

/** Stand-ins for programs that reach another machine: each machine is a folder, which is its home. */
const PROGRAMS: Readonly<Record<string, string>> = {
  ssh: 'machine=$1; shift; HOME="$MACHINES/$machine" exec sh -c "$*"',
  scp: `
    for last; do :; done
    target="$MACHINES/\${last%%:*}/\${last#*:}"
    for file; do case $file in -p|"$last") ;; *) cp -p "$file" "$target" ;; esac; done`,
  keepalive: 'exec node "$MAIN" "$@"',
};

/** What a command printed, and its exit code. */
export type Printed = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** Several machines on this one, with homes of their own. */
export type Machines = {
  readonly homeOf: (machine: string) => string;
  /** Runs shell commands on a machine as its user would. */
  readonly on: (machine: string, commands: string) => Promise<Printed>;
  readonly end: () => void;
};

export function makeMachines(names: readonly string[]): Machines {
  const folder = mkdtempSync(join(TEMPORARY, 'keepalive-machines-'));
  const [programs, homes] = [join(folder, 'bin'), join(folder, 'homes')];
  mkdirSync(programs);
  for (const [name, text] of Object.entries(PROGRAMS)) {
    writeFileSync(join(programs, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(programs, name), 0o755);
  }
  const homeOf = (machine: string) => join(homes, machine);
  for (const name of names) mkdirSync(homeOf(name), { recursive: true });
  return {
    homeOf,
    async on(machine, commands) {
      const home = homeOf(machine);
      const env = environment(home, {
        KEEPALIVE_HOME: join(home, '.config/keepalive'),
        MACHINES: homes,
        MAIN: KEEPALIVE,
        PATH: `${programs}:${dirname(process.execPath)}:/usr/bin:/bin`,
      });
      try {
        return { code: 0, ...(await run('sh', ['-e', '-c', commands], { cwd: home, env })) };
      } catch (error) {
        if (!isFailure(error)) throw error;
        return error;
      }
    },
    end: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}

const isFailure = (error: unknown): error is Printed =>
  error instanceof Error && 'code' in error && typeof error.code === 'number' && 'stdout' in error;
