import { expect, test } from 'vitest';
import { thisMachine } from '../../bench/report/machine.ts';

test('a result says where and with what it was measured', () => {
  const { date, node, peers, ...machine } = thisMachine();
  expect(date).toMatch(/^\d{4}-\d\d-\d\d$/);
  expect(node).toBe(process.versions.node);
  expect(machine).toEqual({
    system: expect.stringMatching(/./),
    processor: expect.stringMatching(/^\d+ × ./),
    memoryGiB: expect.any(Number),
  });
  expect(Object.keys(peers)).toEqual(expect.arrayContaining(['croner', 'openid-client', 'ws']));
  expect(Object.values(peers).every(version => /^\d+\.\d+\.\d+/.test(version))).toBe(true);
});
