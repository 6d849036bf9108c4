import { withTimeout } from '../base/timeout.ts';
import { outcomeProblem } from '../contract/outcome.ts';
import type { Plugin } from '../plugin/plugin.ts';
import type { ProviderPlugin } from '../plugin/provider.ts';
import { fakeContext, type FakeContext, type FakeOverrides } from './context.ts';
import { dateProblem, inspectionProblem, leaks, shapeProblem } from './problems.ts';

/** A situation that the provider is put into. */
export type TestScenario = {
  readonly name: string;
  /** Makes the situation anew for every check. */
  readonly context: (overrides: FakeOverrides) => FakeContext;
  /** The status that has to come out; `throws` where an error is right. Anything valid, where left out. */
  readonly expect?: string | undefined;
  /** Values that must not get out, besides those that are concealed and those that begin with `CANARY`. */
  readonly secrets?: readonly string[] | undefined;
};

export type TestCheck = { readonly name: string; readonly scenario: string; readonly problem?: string | undefined };

export type TestReport = { readonly provider: string; readonly passed: boolean; readonly checks: readonly TestCheck[] };

/** One call of the provider, seen to its end. */
type Run = {
  readonly context: FakeContext;
  readonly value?: unknown;
  readonly error?: unknown;
  readonly late?: boolean;
};

const BARE: TestScenario = { name: 'nothing is installed, nobody is signed in', context: fakeContext };

/** Puts a provider, or what a factory makes of `{}`, to the contract that every provider keeps. Nothing real is touched. */
export async function testProvider(
  target: ProviderPlugin | ((options: never) => Plugin),
  {
    scenarios = [],
    limitMs = 10_000,
  }: { readonly scenarios?: readonly TestScenario[]; readonly limitMs?: number } = {},
): Promise<TestReport> {
  const checks: TestCheck[] = [];
  const report = (name: string, scenario: string, problem: string | undefined) =>
    void checks.push({ name, scenario, problem });
  const plugin = typeof target === 'function' ? make(target) : target;
  const shape = shapeProblem(plugin);
  report('has the shape of a provider', 'always', shape);
  const provider = plugin as ProviderPlugin;

  for (const scenario of shape ? [] : [BARE, ...scenarios]) {
    const inspecting = await run(scenario.context({}), limitMs, async context => provider.inspect?.(context));
    report('looks without a network, a program or a change', scenario.name, lookProblem(inspecting));

    const refreshing = await run(scenario.context({}), limitMs, context => provider.refresh(context));
    if (scenario === BARE) report('says so where it has nothing to work with', scenario.name, bareProblem(refreshing));
    else
      report('gives an outcome that the kernel can act on', scenario.name, refreshProblem(refreshing, scenario.expect));

    const aborted = await run(scenario.context({ signal: AbortSignal.abort() }), limitMs, context =>
      provider.refresh(context),
    );
    report('starts nothing once it is aborted', scenario.name, abortProblem(aborted));

    const watching = await run(scenario.context({}), limitMs, async context => watchTwice(provider, context));
    report(
      'watches, and can be told twice to stop',
      scenario.name,
      watching.error === undefined ? undefined : thrown(watching.error),
    );

    report(
      'lets no secret out',
      scenario.name,
      [inspecting, refreshing, aborted].map(each => leakProblem(each, scenario)).find(Boolean),
    );
  }
  return {
    provider: shape ? 'unknown' : provider.id,
    passed: checks.every(({ problem }) => problem === undefined),
    checks,
  };
}

function make(factory: (options: never) => Plugin): unknown {
  try {
    return factory({} as never);
  } catch (error) {
    return error;
  }
}

async function run(
  context: FakeContext,
  limitMs: number,
  call: (context: FakeContext) => Promise<unknown>,
): Promise<Run> {
  const late = new Error(`It did not settle within ${limitMs} ms.`);
  try {
    return { context, value: await withTimeout(() => call(context), { ms: limitMs, what: () => late }) };
  } catch (error) {
    return { context, late: error === late, error: error ?? new Error('It threw nothing at all.') };
  }
}

function watchTwice(provider: ProviderPlugin, context: FakeContext): void {
  const stop = provider.watch?.(context, () => {});
  void stop?.();
  void stop?.();
}

const thrown = (error: unknown): string => `It threw: ${error instanceof Error ? error.message : String(error)}`;

function lookProblem({ context, error, value }: Run): string | undefined {
  if (error !== undefined) return thrown(error);
  const { exec, fetch } = context.calls;
  if (exec.length + fetch.length + context.files.changes.length > 0)
    return 'Looking ran a program, used the network or changed a file.';
  return value === undefined ? undefined : inspectionProblem(value);
}

function bareProblem(run: Run): string | undefined {
  // Who needs no tool and no credential may find out that there is no network.
  if (run.error !== undefined && !run.late && run.context.calls.fetch.length > 0) return undefined;
  return refreshProblem(run, undefined);
}

function refreshProblem({ context, error, value }: Run, expected: string | undefined): string | undefined {
  if (error !== undefined) return expected === 'throws' && error instanceof Error ? undefined : thrown(error);
  const problem = outcomeProblem(value) ?? dateProblem(value, context.now());
  if (problem) return problem;
  const { status } = value as { readonly status: string };
  return expected === undefined || status === expected ? undefined : `The status is "${status}", not "${expected}".`;
}

function abortProblem({ context, error, late }: Run): string | undefined {
  if (late) return thrown(error);
  const { exec, fetch } = context.calls;
  return exec.length + fetch.length > 0
    ? 'It went to the network or ran a program although it was aborted before.'
    : undefined;
}

function leakProblem({ context, error, value }: Run, { secrets = [] }: TestScenario): string | undefined {
  const { exec, log, concealed } = context.calls;
  const places = { outcome: value, error, log, argv: exec.map(({ args }) => args), changes: context.files.changes };
  const place = Object.entries(places).find(([, content]) => leaks(content, [...secrets, ...concealed]));
  return place && `A secret is in: ${place[0]}.`;
}
