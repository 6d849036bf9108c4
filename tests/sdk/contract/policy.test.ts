import { expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../../sdk/contract/policy.ts';
import { partialPolicySchema, policyPatchSchema, policySchema } from '../../../sdk/contract/policy-schema.ts';

test('the defaults are a valid policy', () => {
  expect(policySchema.parse(DEFAULT_POLICY)).toEqual(DEFAULT_POLICY);
});

test.each(Object.entries(DEFAULT_POLICY))('%s can be set and reset alone', (name, value) => {
  expect(partialPolicySchema.parse({ [name]: value })).toEqual({ [name]: value });
  expect(policyPatchSchema.parse({ [name]: value })).toEqual({ [name]: value });
  expect(policyPatchSchema.parse({ [name]: null })).toEqual({ [name]: null });
  expect(partialPolicySchema.safeParse({ [name]: null }).success).toBe(false);
});
