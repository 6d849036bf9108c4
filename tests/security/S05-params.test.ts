import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRpcDocument } from '../../sdk/contract/open-rpc.ts';
import { METHODS } from '../../sdk/contract/rpc-schema.ts';
import { ERROR_CODES } from '../../sdk/contract/errors.ts';
import type { RpcMethod } from '../../sdk/contract/rpc.ts';
import { daemonWithRawClient } from '../support/daemon/raw-client.ts';
import { valuesOf, type JsonSchema, type NamedSchemas } from '../support/docs/from-schema.ts';
import { runs } from '../support/runs.ts';

type Described = {
  readonly name: RpcMethod;
  readonly params: readonly { readonly name: string; readonly required: boolean; readonly schema: JsonSchema }[];
};
type Answer = {
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly data?: { readonly code?: unknown } };
};

const SESSION = 'mine';
const { methods, components } = openRpcDocument('0') as {
  readonly methods: readonly Described[];
  readonly components: { readonly schemas: NamedSchemas };
};

const nonsense = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>(null, '', -1, 1e308, [], {}, { constructor: { prototype: {} } }, 'x'.repeat(10_000)),
);

/** Params as the method's schema describes them, sometimes with an unknown one or one of another type. */
function paramsOf({ params }: Described): fc.Arbitrary<unknown> {
  const members = Object.fromEntries(
    params.map(({ name, schema }) => {
      const usual =
        name === 'id'
          ? fc.constantFrom(SESSION, SESSION, SESSION, 'nobody', '__proto__', 'constructor')
          : valuesOf(schema, components.schemas);
      return [name, fc.oneof({ weight: 6, arbitrary: usual }, nonsense)];
    }),
  );
  const requiredKeys = params.filter(({ required }) => required).map(({ name }) => name);
  const record = fc.record<Record<string, unknown>>(members, { requiredKeys });
  return fc.oneof(
    { weight: 8, arbitrary: record },
    fc.tuple(record, fc.string(), nonsense).map(([known, name, value]) => ({ ...known, [name]: value })),
    fc.record<Record<string, unknown>>(members, { requiredKeys: [] }),
    nonsense,
    fc.constant(undefined),
  );
}

/** All methods but those that stop the daemon or need a settings page. */
const call = fc.oneof(
  ...methods
    .filter(({ name }) => name !== 'kernel/stop')
    .map(described => paramsOf(described).map(params => [described.name, params] as const)),
);

/** What is wrong with an answer, by the documentation alone. */
function faultOf(method: RpcMethod, { result, error }: Answer): string | undefined {
  if (!error)
    return METHODS[method].result.safeParse(result).success
      ? undefined
      : `the result is not as described: ${JSON.stringify(result).slice(0, 300)}`;
  if (error.code === 1)
    return ERROR_CODES.some(code => code === error.data?.code)
      ? undefined
      : `no such code: ${String(error.data?.code)}`;
  // With params that are neither an object nor a list it is not a valid request.
  return [-32_602, -32_600].includes(error.code) ? undefined : `the code ${error.code}`;
}

let door: Awaited<ReturnType<typeof daemonWithRawClient>>;
beforeAll(async () => {
  door = await daemonWithRawClient();
});
afterAll(() => door.end());

test('S5: every method answers as documented to any params', { timeout: 300_000 }, async ({ annotate }) => {
  const { ask, end } = await door.talk();
  const asked = runs(500, 10_000);
  const answers: Record<string, number> = {};
  await fc.assert(
    fc.asyncProperty(call, async ([method, params]) => {
      const answer: Answer = await ask(method, params);
      const kind = answer.error ? String(answer.error.data?.code ?? answer.error.code) : 'result';
      answers[kind] = (answers[kind] ?? 0) + 1;
      const fault = faultOf(method, answer);
      if (fault) throw new Error(fault);
    }),
    asked,
  );
  end();
  expect((await door.daemon.client.request('session/list')).map(({ id }) => id)).toEqual([SESSION]);
  // Enough calls had valid params to reach the handlers.
  expect(answers['result']).toBeGreaterThan(asked.numRuns / 5);
  await annotate(
    `${asked.numRuns} calls of ${methods.length - 1} methods: ${Object.entries(answers)
      .map(([kind, count]) => `${count} ${kind}`)
      .join(', ')}`,
  );
});

test('S5 control: a result of another shape, an unknown code and an internal error are detected', () => {
  expect(faultOf('kernel/info', { result: {} })).toContain('not as described');
  expect(faultOf('kernel/info', { error: { code: 1, data: { code: 'KA_WHATEVER' } } })).toContain('no such code');
  expect(faultOf('kernel/info', { error: { code: -32_603 } })).toContain('-32603');
  expect(faultOf('kernel/stop', { result: null })).toBeUndefined();
});
