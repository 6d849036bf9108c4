import { parseArgs } from 'node:util';
import { canBeAlone, isAlone, runAlone } from './alone.ts';
import { fetchRelease } from './installed.ts';
import { runAll } from './run.ts';
import { readWanted } from './wanted.ts';

// `npm run vendors` runs the vendors' programs that are installed in the cache through all faults, and updates the
// table. docs/vendors.md explains it.

const { values, positionals } = parseArgs({
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
function fetched(version: string): readonly string[] {
  return readWanted(positionals).map(({ program, release }) => {
    const installed = fetchRelease(program, release ?? version);
    console.log(`${program.name} ${installed.release} is installed`);
    return `${program.name}@${installed.release}`;
  });
}

async function main(): Promise<number> {
  const { fetch: version, check, kind, fault } = values;
  const names = version === undefined ? positionals : fetched(version);
  if (!isAlone() && canBeAlone()) {
    const given = Object.entries({ kind, fault, jobs: values.jobs });
    const options = given.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]));
    return runAlone([...options, ...(check ? ['--check'] : []), ...names]);
  }
  if (!isAlone()) console.log('Without a network namespace, only a proxy keeps the programs on loopback.');
  return runAll(readWanted(names), { jobs: Number(values.jobs), check, kind, fault });
}

process.exitCode = await main();
