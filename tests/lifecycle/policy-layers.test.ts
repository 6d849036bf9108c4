import { describe, expect, test } from 'vitest';
import { effectivePolicy } from '../../lifecycle/policy-layers.ts';
import { DEFAULT_POLICY } from '../../sdk/contract/policy.ts';

const none = { policy: {}, sessions: {} };

describe('a layer that gives only some members of a backoff', () => {
  test('keeps the defaults of the others', () => {
    const config = { policy: { backoff: { initial: '20s' } }, sessions: {} } as const;
    const { policy, origins } = effectivePolicy({}, config, 'codex', {});
    expect(policy.backoff).toEqual({ ...DEFAULT_POLICY.backoff, initial: '20s' });
    expect([origins.backoff, origins.retries]).toEqual(['config', 'default']);
  });

  test('keeps what the layers below give', () => {
    const provider = { backoff: { initial: '5m', factor: 3, max: '6h' } } as const;
    const config = { policy: { backoff: { factor: 4 } }, sessions: { codex: { backoff: { initial: '1m' } } } } as const;
    const policyOf = (id: string) => effectivePolicy(provider, config, id, {}).policy.backoff;
    expect(policyOf('codex')).toEqual({ initial: '1m', factor: 4, max: '6h' });
    expect(policyOf('claude')).toEqual({ initial: '5m', factor: 4, max: '6h' });
  });
});

test('a layer without a backoff changes none', () => {
  expect(effectivePolicy({ retries: 1 }, none, 'codex', {}).policy).toEqual({ ...DEFAULT_POLICY, retries: 1 });
});
