import { expect, test } from 'vitest';
import { GEMINI } from '../../vendors/programs/gemini.ts';
import { runRelease } from '../../vendors/release-run.ts';

const nothing = { key: Buffer.alloc(0), cert: Buffer.alloc(0), authority: '' };

test('a release whose trials throw is unknown, says why, and the run goes on', async () => {
  const lines: string[] = [];
  const program = {
    ...GEMINI,
    vendor: async () => {
      throw new Error('There is no port.');
    },
  };
  const options = {
    certificates: { good: nothing, unknown: nothing, elsewhere: nothing },
    unpacked: '',
    jobs: 2,
    release: '1.0.0',
    only: 'proxy that',
    tell: (line: string) => void lines.push(line),
  };
  expect(await runRelease({ program, kind: 'list-sessions', path: '/bin/gemini' }, options)).toMatchObject({
    release: '1.0.0',
    verdict: 'unknown',
    faults: 0,
    reason: expect.stringMatching(/^a proxy that asks for a password \(407\): not tried: There is no port\.; a proxy/),
  });
  expect(lines).toHaveLength(3);
});
