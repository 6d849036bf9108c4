import { parseArgs } from 'node:util';
import { asScript, known, whole } from '../build/usage.ts';
import { FAULTS } from './faults/index.ts';
import { canBeAlone, isAlone, runAlone } from './alone.ts';
import { fetchRelease } from './installed.ts';
import { runAll } from './run.ts';
import { readWanted } from './wanted.ts';

// `npm run vendors` runs the vendors' programs that are installed in the cache through all faults, and updates the
// table. docs/vendors.md explains it.

const USAGE = `npm run vendors -- [NAME[@VERSION] …]

  --fetch latest|VERSION    installs that release first
  --check                   writes nothing
  --kind KIND               one way of asking, such as mcp
  --fault TEXT              the faults with this text in their name; writes nothing
  --jobs N                  how many faults at a time [3]`;

const given = () =>
  parseArgs({
    allowPositionals: true,
    options: {
      fetch: { type: 'string' },
      check: { type: 'boolean', default: false },
      kind: { type: 'string' },
      fault: { type: 'string' },
      jobs: { type: 'string', default: '3' },
    },
  });

/** Installs what is to be fetched, while there is a network. */
function fetched(names: readonly string[], version: string): readonly string[] {
  return readWanted(names).map(({ program, release }) => {
    const installed = fetchRelease(program, release ?? version);
    console.log(`${program.name} ${installed.release} is installed`);
    return `${program.name}@${installed.release}`;
  });
}

async function main(): Promise<boolean> {
  const { values, positionals } = given();
  const { fetch: version, check, kind, fault } = values;
  const jobs = whole('jobs', values.jobs);
  const kinds = readWanted(positionals).flatMap(({ program }) => Object.keys(program.kinds));
  if (kind !== undefined) known('way of asking', kind, kinds);
  const faults = FAULTS.map(({ name }) => name);
  if (fault !== undefined && !faults.some(name => name.includes(fault))) known('fault', fault, faults);
  const names = version === undefined ? positionals : fetched(positionals, version);
  if (!isAlone() && canBeAlone()) {
    const options = Object.entries({ kind, fault, jobs: values.jobs }).flatMap(([name, value]) =>
      value === undefined ? [] : [`--${name}`, value],
    );
    return (await runAlone([...options, ...(check ? ['--check'] : []), ...names])) === 0;
  }
  if (!isAlone()) console.log('Without a network namespace, only a proxy keeps the programs on loopback.');
  return (await runAll(readWanted(names), { jobs, check, kind, fault })) === 0;
}

await asScript(USAGE, main);
