import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/real-context.ts';
import { findVendorProgram, noVendorProgram } from '../support/vendors/vendor-program.ts';
import { FAULTS } from '../../vendors/faults/index.ts';
import { breaches } from '../../vendors/judge.ts';
import { CLAUDE } from '../../vendors/programs/claude.ts';
import { tryFault } from '../../vendors/trial.ts';
import { authorities, hasOpenssl } from '../../vendors/world/authority.ts';

// `npm run vendors` tries every fault with every release. A few show that it can tell them apart.

const program = findVendorProgram('claude');
const lacking = program === undefined ? noVendorProgram('claude') : hasOpenssl() ? undefined : 'there is no openssl';

const NAMES = ['no fault', '429 that says how many seconds to wait', 'a proxy that asks for a password (407)'];

test.skipIf(lacking)(
  `a few faults hold with the real claude (${lacking ? `skipped: ${lacking}` : program})`,
  async () => {
    const folder = await temporaryFolder();
    const shared = { certificates: await authorities(folder, CLAUDE.hosts), unpacked: folder };
    const subject = { program: CLAUDE, kind: 'mcp', path: program ?? '' };
    const faults = FAULTS.filter(({ name }) => NAMES.includes(name));
    const seen = await Promise.all(faults.map(fault => tryFault(subject, fault, shared)));
    expect(seen.map(({ during }) => during.outcomes)).toEqual([['refreshed'], ['rate-limited'], ['KA_OFFLINE']]);
    expect(seen.map(({ after }) => after.outcome)).toEqual(['fresh', 'refreshed', 'refreshed']);
    expect(faults.map(({ expects }, index) => seen[index] && breaches(seen[index], expects))).toEqual([[], [], []]);
  },
  60_000,
);
