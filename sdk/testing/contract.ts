import { withTimeout } from '../base/timeout.ts';
import { inspectionProblem, outcomeProblem } from '../contract/outcome.ts';
import type { Plugin } from '../plugin/plugin.ts';
import type { ProviderPlugin } from '../plugin/provider.ts';
import { fakeContext, type FakeContext, type FakeOverrides } from './context.ts';
import { dateProblem, leaks, shapeProblem } from './problems.ts';

/** A situation in which the provider is tested. */
export type TestScenario = {
  readonly name: string;
  /** Creates the situation. Called once for each check. */
  readonly context: (overrides: FakeOverrides) => FakeContext;
  /** The expected status; `throws` if an error is expected. [any valid outcome] */
  readonly expect?: string | undefined;
  /** Values that must not leak, besides concealed values and those that begin with `CANARY`. */
  readonly secrets?: readonly string[] | undefined;
};

export type TestCheck = { readonly name: string; readonly scenario: string; readonly problem?: string | undefined };

export type TestReport = { readonly provider: string; readonly passed: boolean; readonly checks: readonly TestCheck[] };

type TestOptions = { readonly scenarios?: readonly TestScenario[]; readonly limitMs?: number };

/** A call of the provider and its result. */
type Run = {
  readonly context: FakeContext;
  readonly value?: unknown;
  readonly error?: unknown;
  readonly late?: boolean;
};

const BARE: TestScenario = { name: 'nothing is installed and there is no login', context: fakeContext };

/** Runs the provider contract tests on a provider, or on what a factory makes of `{}`. Nothing real is touched. */
export async function testProvider(
  target: ProviderPlugin | ((options: never) => Plugin),
  { scenarios = [], limitMs = 10_000 }: TestOptions = {},
): Promise<TestReport> {
  const plugin = typeof target === 'function' ? make(target) : target;
  const problem = shapeProblem(plugin);
  const checks: TestCheck[] = [{ name: 'has the shape of a provider', scenario: '', problem }];
  if (problem !== undefined) return { provider: 'unknown', passed: false, checks };
  const provider = plugin as ProviderPlugin;
  for (const scenario of [BARE, ...scenarios]) checks.push(...(await checkScenario(provider, scenario, limitMs)));
  return { provider: provider.id, passed: checks.every(check => check.problem === undefined), checks };
}

async function checkScenario(
  provider: ProviderPlugin,
  scenario: TestScenario,
  limitMs: number,
): Promise<readonly TestCheck[]> {
  const call = (overrides: FakeOverrides, call: (context: FakeContext) => Promise<unknown>) =>
    run(scenario.context(overrides), limitMs, call);
  const inspecting = await call({}, async context => provider.inspect?.(context));
  const refreshing = await call({}, context => provider.refresh(context));
  const aborted = await call({ signal: AbortSignal.abort() }, context => provider.refresh(context));
  const watching = await call({}, async context => watchTwice(provider, context));
  const problems: readonly (readonly [name: string, problem: string | undefined])[] = [
    ['inspects without network, programs or changes', inspectProblem(inspecting)],
    scenario === BARE
      ? ['returns an outcome even if nothing is installed', bareProblem(refreshing)]
      : ['returns a valid outcome', refreshProblem(refreshing, scenario.expect)],
    ['starts nothing after an abort', abortProblem(aborted)],
    ['watches, and can be stopped twice', watching.error === undefined ? undefined : thrown(watching.error)],
    ['leaks no secret', [inspecting, refreshing, aborted].map(each => leakProblem(each, scenario)).find(Boolean)],
  ];
  return problems.map(([name, problem]) => ({ name, scenario: scenario.name, problem }));
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
    return { context, late: error === late, error: error ?? new Error('It threw undefined or null.') };
  }
}

function watchTwice(provider: ProviderPlugin, context: FakeContext): void {
  const stop = provider.watch?.(context, () => {});
  void stop?.();
  void stop?.();
}

const thrown = (error: unknown): string => `It threw: ${error instanceof Error ? error.message : String(error)}`;

function inspectProblem({ context, error, value }: Run): string | undefined {
  if (error !== undefined) return thrown(error);
  const { exec, fetch } = context.calls;
  if (exec.length + fetch.length + context.files.changes.length > 0)
    return 'The inspection ran a program, used the network or changed a file.';
  return value === undefined ? undefined : (inspectionProblem(value) ?? dateProblem(value, 0));
}

function bareProblem(run: Run): string | undefined {
  // A provider that needs no tool and no credential may find that there is no network.
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
  return exec.length + fetch.length > 0 ? 'It used the network or ran a program after an abort.' : undefined;
}

function leakProblem({ context, error, value }: Run, { secrets = [] }: TestScenario): string | undefined {
  const { exec, log, concealed } = context.calls;
  const places = { outcome: value, error, log, argv: exec.map(({ args }) => args), changes: context.files.changes };
  const place = Object.entries(places).find(([, content]) => leaks(content, [...secrets, ...concealed]));
  return place && `A secret is in: ${place[0]}.`;
}
