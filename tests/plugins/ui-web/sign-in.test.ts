import { describe, expect, test } from 'vitest';
import { drawQr } from '../../../plugins/ui-web/page/format/qr.ts';
import { asksForLogin } from '../../../plugins/ui-web/page/format/remedies.ts';
import { reduce, START } from '../../../plugins/ui-web/page/kernel/model.ts';
import { addressText } from '../../../sdk/wording/sign-in.ts';
import { ALIVE, LOGIN, NOW, PAUSED, session } from '../ui-cli/fake-kernel.ts';

test.each([
  ['https://vendor.example/', 'vendor.example'],
  ['https://vendor.example/device?user_code=A', 'vendor.example/device'],
  ['https://vendor.example:8443/a/b#c', 'vendor.example:8443/a/b'],
])('the address %s is shown as %s', (url, text) => {
  expect(addressText(url)).toBe(text);
});

describe('a QR code', () => {
  test('draws each dark run once, beginning with a finder pattern', () => {
    const { size, path } = drawQr('https://vendor.example/');
    expect([size, path.startsWith('M0 0h7v1h-7z')]).toEqual([25, true]);
  });

  test('of a long address fits, and of a text beyond the format throws', () => {
    expect(drawQr(`https://vendor.example/?${'a'.repeat(1_500)}`).size).toBeLessThan(150);
    expect(() => drawQr('a'.repeat(4_000))).toThrow('Data too long');
  });
});

test.each([
  ['failing', LOGIN, true],
  ['login-ends-soon', ALIVE, true],
  ['failing', ALIVE, false],
  ['failing', PAUSED, false],
] as const)('beside the notice %s of a session that is %o, a sign-in is offered: %s', (code, state, isOffered) => {
  const notice = { id: 'a', session: 'a', level: 'error', code, title: '', body: '', raisedAt: NOW } as const;
  expect(asksForLogin(notice, session('a', state))).toBe(isOffered);
});

test('a connection that is lost and back before it is drawn is counted', () => {
  const at = NOW;
  const names = ['live', 'live', 'lost', 'live'] as const;
  const model = names.reduce((now, connection) => reduce(now, { type: 'connection', connection, at }), START);
  expect(model.connects).toBe(2);
});
