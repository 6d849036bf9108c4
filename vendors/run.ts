import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Release } from '../sdk/vendors/releases.ts';
import { writePages } from './document.ts';
import { installedOf, type Installed } from './installed.ts';
import { runRelease } from './release-run.ts';
import { differences, merge, readTable, writeTable } from './table.ts';
import type { Wanted } from './wanted.ts';
import { authorities } from './world/authority.ts';

export type RunAllOptions = {
  readonly jobs: number;
  /** Changes no file. */
  readonly check: boolean;
  /** Only this way of asking, and faults with this in their names, which prove no release. */
  readonly kind?: string | undefined;
  readonly fault?: string | undefined;
};

/** Runs every wanted release that is installed. Returns the exit code. */
export async function runAll(wanted: readonly Wanted[], options: RunAllOptions): Promise<number> {
  const found: Release[] = [];
  for (const { program, release } of wanted) {
    const installed = installedOf(program).filter(({ release: is }) => release === undefined || is === release);
    if (installed.length === 0) console.error(notInstalled(program.name, release));
    for (const one of installed) found.push(...(await runKinds(one, options)));
  }
  return report(found, options);
}

const notInstalled = (name: string, release?: string): string =>
  `${release ? `${name} ${release}` : name} is not installed. ` +
  `Use: npm run vendors -- --fetch ${release ?? 'latest'} ${name}`;

/** Each release of a program is asked in every way that we know. */
async function runKinds({ program, release, path }: Installed, options: RunAllOptions): Promise<readonly Release[]> {
  const folder = mkdtempSync(join(tmpdir(), 'keepalive-vendors-'));
  try {
    const unpacked = join(folder, 'unpacked');
    const certificates = await authorities(folder, program.hosts);
    const rows: Release[] = [];
    for (const kind of Object.keys(program.kinds).filter(kind => (options.kind ?? kind) === kind)) {
      console.log(`\n${program.name} ${release}, asked by ${kind}`);
      const { jobs, fault: only } = options;
      rows.push(
        await runRelease({ program, kind, path }, { certificates, unpacked, jobs, release, only, tell: console.log }),
      );
    }
    return rows;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Fails if a release is not as the table says, or if a new one is not proven. */
function report(found: readonly Release[], { check, fault }: RunAllOptions): number {
  const isWhole = fault === undefined;
  const rows = readTable();
  const news = differences(rows, found);
  console.log(`\n${found.length} rows, ${news.length} differences from the table`);
  for (const { line } of news) console.log(line);
  if (isWhole && !check) {
    const merged = merge(rows, found);
    writeTable(merged);
    writePages(merged);
  }
  return found.length === 0 || news.some(({ isBad }) => isBad) ? 1 : 0;
}
