import { describe, expect, test } from 'vitest';
import { inspectionSchema } from '../../../sdk/contract/outcome-schema.ts';
import { policyShape } from '../../../sdk/contract/policy-schema.ts';
import { readText } from '../../support/sources.ts';

/** The members of an object in a declaration file that have documentation. */
function documented(file: string, name: string): readonly (string | undefined)[] {
  const text = readText(`dist/sdk/contract/${file}.d.ts`);
  const [, body = ''] = new RegExp(`declare const ${name}: \\{\\n(.*?)\\n\\};`, 's').exec(text) ?? [];
  return [...body.matchAll(/\*\/\n {4}(\w+): /g)].map(([, member]) => member);
}

describe('declaration files document', () => {
  test('every member of a policy', () => {
    expect(documented('policy-schema', 'policyShape')).toEqual(Object.keys(policyShape));
  });

  test('every member of an inspection', () => {
    const members = Object.keys(inspectionSchema.shape);
    expect(documented('outcome-schema', 'inspection').toSorted()).toEqual(members.toSorted());
  });

  test.each(['policy', 'session', 'outcome', 'notice', 'rpc'])('the types of %s without a copy of a schema', name => {
    // A type that is written out in full has lost the documentation of its members.
    expect(readText(`dist/sdk/contract/${name === 'notice' ? 'session' : name}.d.ts`)).not.toContain('ZodObject<{');
  });
});
