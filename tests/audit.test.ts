import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

const judge = (report: string) => {
  const { status, stdout } = spawnSync(process.execPath, ['build/audit.mjs'], { input: report, encoding: 'utf8' });
  return { status, stdout };
};

const advisory = (name: string) =>
  JSON.stringify({
    auditReportVersion: 2,
    vulnerabilities: {
      [name]: {
        name,
        severity: 'high',
        range: '<9',
        via: ['other', { title: 'Reads too much', url: 'https://example.test/GHSA-1' }],
      },
    },
  });

test.each([
  [
    'an advisory for a packed dependency fails the run',
    advisory('ws'),
    1,
    /^high: ws <9 Reads too much https:\/\/example\.test\/GHSA-1\n.*found 1\.$/m,
  ],
  ['an advisory for a dependency that is bundled into the page fails the run', advisory('preact'), 1, /high: preact/],
  ['an advisory for an indirect dependency fails the run', advisory('tldts'), 1, /high: tldts/],
  ['an advisory for a development tool does not fail the run', advisory('vitest'), 0, /found 0\.$/m],
  [
    'no advisory passes',
    '{"auditReportVersion":2,"vulnerabilities":{}}',
    0,
    /The audit of \d{2,} shipped packages found 0\.$/m,
  ],
  [
    'a registry without an audit is reported',
    '{"message":"405 Method Not Allowed","statusCode":405,"error":{}}',
    0,
    /is not available: 405/,
  ],
  ['a missing report is reported', '', 0, /is not available: npm audit printed no report/],
])('%s', (_name, report, status, stdout) => {
  expect(judge(report)).toEqual({ status, stdout: expect.stringMatching(stdout) });
});
