import { describe, expect, test } from 'vitest';
import { codeState, openState } from '../../../kernel/sign-in/steps.ts';
import { Scrubber } from '../../../runtime/log/redact.ts';

const rules = () => ({ hosts: ['vendor.example'], scrubber: new Scrubber() });

describe('an address of a sign-in', () => {
  test.each([
    'https://vendor.example.evil.example/',
    'https://evil.example/vendor.example',
    'https://vendor.example:8443/',
    'https://vendor.example@evil.example/',
    'https://me:secret@vendor.example/',
    'http://vendor.example/',
    'https://xn--vendor-cua.example/',
    'https://vendоr.example/',
    'javascript:alert(1)',
    'file://vendor.example/etc/passwd',
    'https://vendor.example/\u202egnp',
    'https://vendor.example/a b',
    'https://vendor.example/\n',
    '',
    // What a browser takes for the vendor's host, other programs may not.
    'https://vendor.example\\@evil.example/',
    'https:\\\\vendor.example/',
    'https:vendor.example/',
    'https:///vendor.example/',
    'https://vendor.\u00adexample/',
    `https://vendor.example/${'a'.repeat(3_000)}`,
  ])('is not shown: %j', url => {
    expect(() => openState({ url }, rules())).toThrow(expect.objectContaining({ code: 'KA_LOGIN_FAILED' }));
    expect(() => codeState({ url }, rules())).toThrow(expect.objectContaining({ code: 'KA_LOGIN_FAILED' }));
  });

  test.each(['https://vendor.example', 'https://vendor.example/a?b=c#d', 'HTTPS://Vendor.Example:443/'])(
    'is shown as it is, and concealed: %s',
    url => {
      const { hosts, scrubber } = rules();
      expect(openState({ url, userCode: 'ABCD-EFGH' }, { hosts, scrubber })).toMatchObject({ url });
      expect(scrubber.scrub(`at ${url} with ABCD-EFGH`)).toBe('at [secret] with [secret]');
    },
  );

  test.each(['', 'A\u202eB', 'A\u001bB', 'A'.repeat(65)])('is not shown with the code %j', userCode => {
    expect(() => openState({ url: 'https://vendor.example/', userCode }, rules())).toThrow(
      expect.objectContaining({ details: { reason: expect.stringContaining('cannot be entered') } }),
    );
  });
});
