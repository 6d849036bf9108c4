import { expect, test } from 'vitest';
import { describeVersionSkew } from '../../../sdk/wording/version-skew.ts';

type Info = Parameters<typeof describeVersionSkew>[0];
const RESTART = 'Restart to update: `keepalive restart`.';

test.each<[string, Info, string | undefined, string | undefined]>([
  ['the same everywhere', { version: '0.1.0', installedVersion: '0.1.0' }, '0.1.0', undefined],
  ['a daemon of before, which does not say what is installed', { version: '0.1.0' }, undefined, undefined],
  [
    'updated under a running daemon',
    { version: '0.1.0', installedVersion: '0.2.0' },
    '0.2.0',
    `The daemon still runs version 0.1.0. Version 0.2.0 is installed. ${RESTART}`,
  ],
  [
    'a daemon of before, and a newer program',
    { version: '0.1.0' },
    '0.2.0',
    `The daemon still runs version 0.1.0. Version 0.2.0 is installed. ${RESTART}`,
  ],
  [
    'a newer program of another installation',
    { version: '0.9.0', installedVersion: '0.9.0' },
    '0.10.0',
    `The daemon runs version 0.9.0. This is version 0.10.0. ${RESTART}`,
  ],
  [
    'an older program of another installation',
    { version: '0.10.0', installedVersion: '0.10.0' },
    '0.9.1',
    'This is version 0.9.1. The daemon is newer: version 0.10.0.',
  ],
  [
    'built again, in the same version',
    { version: '0.1.0', installedVersion: '0.1.0', rebuiltAt: 5 },
    '0.1.0',
    `The daemon still runs an earlier build of version 0.1.0. ${RESTART}`,
  ],
])('%s', (_what, info, own, expected) => {
  expect(describeVersionSkew(info, own)).toBe(expected);
});
