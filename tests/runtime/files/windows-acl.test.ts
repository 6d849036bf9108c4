import { describe, expect, test } from 'vitest';
import { describeAccess } from '../../../kernel/diagnostics/machine-checks.ts';
import { isInProfile, lookAtAccess, othersIn, restrictAccess } from '../../../runtime/files/windows-acl.ts';

const ME = 'S-1-5-21-1-2-3-1001';
/** What a folder inherits directly below `C:\`, as icacls saves it. */
const INHERITED =
  'keepalive\r\nD:AI(A;OICIID;FA;;;BA)(A;OICIID;FA;;;SY)(A;OICIID;0x1200a9;;;BU)(A;ID;0x1301bf;;;AU)' +
  '(A;OICIIOID;SDGXGWGR;;;AU)\r\n';
const RESTRICTED = `keepalive\r\nD:PAI(A;OICI;FA;;;${ME})(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)\r\n`;
const env = { USERPROFILE: 'C:\\Users\\me' };

test.each([
  ['C:\\Users\\me\\AppData\\Local\\keepalive\\Data', true],
  ['c:\\users\\ME\\k', true],
  ['C:\\Users\\me', true],
  ['C:\\Users\\merlin\\k', false],
  ['C:\\keepalive', false],
  ['D:\\Users\\me', false],
  ['\\\\server\\share\\k', false],
])('%s is in the profile: %s', (folder, expected) => {
  expect(isInProfile(folder, env)).toBe(expected);
  expect(isInProfile(folder, {})).toBe(false);
});

test.each([
  [INHERITED, ['Users', 'Authenticated Users']],
  [RESTRICTED, []],
  [`k\r\nD:P(A;;FA;;;${ME})(D;;FA;;;BU)`, []],
  ['k\r\nD:P(A;;FR;;;S-1-5-21-1-2-3-1002)', ['S-1-5-21-1-2-3-1002']],
  ['k\r\nD:(XA;;FR;;;WD;(@User.a==1))', ['Everyone']],
  ['k\r\nD:NO_ACCESS_CONTROL', ['Everyone']],
  ['k\r\nO:BAG:BAD:P(A;;FA;;;BA)S:(AU;SAFA;FA;;;WD)', []],
  ['', undefined],
])('%j gives access to %j', (sddl, expected) => {
  expect(othersIn(sddl, ME)).toEqual(expected);
});

describe('a home outside of the profile', () => {
  function machine(saved: readonly string[], whoami = `"pc\\me","${ME}"\r\n`) {
    const ran: string[] = [];
    const left = [...saved];
    const run = async (program: string, args: readonly string[]) => {
      ran.push([program, ...args].join(' '));
      return whoami;
    };
    return { ran, tools: { env, run, save: async () => left.shift() ?? '' } };
  }

  test('is left to the user, the system and the administrators', async () => {
    const { ran, tools } = machine([INHERITED, RESTRICTED]);
    expect(await restrictAccess('C:\\keepalive', tools)).toEqual({ kind: 'private' });
    expect(ran.filter(line => line.startsWith('icacls'))).toEqual([
      'icacls.exe C:\\keepalive /reset /q',
      `icacls.exe C:\\keepalive /inheritance:r /grant:r *${ME}:(OI)(CI)F ` +
        '*S-1-5-18:(OI)(CI)F *S-1-5-32-544:(OI)(CI)F /q',
    ]);
  });

  test('that is private already is not changed, and one in the profile is not examined', async () => {
    const { ran, tools } = machine([RESTRICTED]);
    await restrictAccess('C:\\keepalive', tools);
    await restrictAccess('C:\\Users\\me\\k', tools);
    expect(ran).toEqual(['whoami.exe /user /fo csv /nh']);
  });

  test('a whole drive is never restricted', async () => {
    const { ran, tools } = machine([INHERITED]);
    expect(await restrictAccess('D:\\', tools)).toMatchObject({ kind: 'open' });
    expect(ran).toEqual(['whoami.exe /user /fo csv /nh']);
  });

  test.each([
    [INHERITED, undefined, 'C:\\k can be read by others: Users, Authenticated Users'],
    [RESTRICTED, undefined, 'C:\\k'],
    ['', undefined, 'C:\\k may be readable by others (icacls does not say who may read it)'],
    [RESTRICTED, 'pc\\me', 'C:\\k may be readable by others (whoami does not say who you are)'],
  ])('doctor says so: %#', async (saved, whoami, message) => {
    const access = await lookAtAccess('C:\\k', machine([saved], whoami).tools);
    expect(describeAccess('C:\\k', access)).toMatchObject({
      level: message === 'C:\\k' ? 'ok' : 'warning',
      message: expect.stringContaining(message),
    });
  });
});
