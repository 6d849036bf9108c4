import { inspectionProblem, outcomeProblem } from '../contract/outcome.ts';
import { isRecord } from '../base/json.ts';
import type { Plugin } from '../plugin/plugin.ts';
import type { ProviderPlugin } from '../plugin/provider.ts';
import { fakeContext, type FakeContext, type FakeOverrides } from './context.ts';
import { checkFrontend } from './frontend.ts';
import { checkNotifier } from './notifier.ts';
import { dateProblem, leakProblem, shapeProblem } from './problems.ts';
import { abortProblem, run, thrown, type Run, type Running, type TestCheck } from './run.ts';

export type { TestCheck } from './run.ts';

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

export type TestReport = { readonly provider: string; readonly passed: boolean; readonly checks: readonly TestCheck[] };

/** The results for a plugin of any kind. */
export type PluginReport = {
  readonly id: string;
  readonly kind: Plugin['kind'] | 'unknown';
  readonly passed: boolean;
  readonly checks: readonly TestCheck[];
};

type TestOptions = Partial<Running> & {
  /** Further situations for a provider. */
  readonly scenarios?: readonly TestScenario[];
  /** What the factory gets. [{}] */
  readonly options?: object;
};

type Target = Plugin | ((options: never) => Plugin | Promise<Plugin>);

const BARE: TestScenario = { name: 'nothing is installed and there is no login', context: fakeContext };

/** Runs the provider contract tests on a provider, or on what a factory makes. Nothing real is touched. */
export async function testProvider(target: Target, options: TestOptions = {}): Promise<TestReport> {
  const { id, kind, passed, checks } = await testPlugin(target, options);
  if (kind === 'provider' || kind === 'unknown') return { provider: id, passed, checks };
  const problem = 'It is not a plugin of the kind "provider". Make it with defineProvider, or use testPlugin.';
  return { provider: id, passed: false, checks: [{ name: 'is a provider', scenario: '', problem }] };
}

/** Runs the contract tests of its kind on a plugin, or on what a factory makes. Nothing real is touched. */
export async function testPlugin(target: Target, testing: TestOptions = {}): Promise<PluginReport> {
  const { scenarios = [], options = {}, limitMs = 10_000, began = () => undefined } = testing;
  const plugin = typeof target === 'function' ? await make(target, options) : target;
  const problem = shapeProblem(plugin);
  const shape: TestCheck = { name: 'has the shape of a plugin', scenario: '', problem };
  if (problem !== undefined) return { id: 'unknown', kind: 'unknown', passed: false, checks: [shape] };
  const { id, kind } = plugin as Plugin;
  const checks = [shape, ...(await checksOf(plugin as Plugin, { limitMs, began }, scenarios))];
  return { id, kind, passed: checks.every(check => check.problem === undefined), checks };
}

async function checksOf(
  plugin: Plugin,
  running: Running,
  scenarios: readonly TestScenario[],
): Promise<readonly TestCheck[]> {
  switch (plugin.kind) {
    case 'notifier':
      return checkNotifier(plugin, running);
    case 'frontend':
      return checkFrontend(plugin, running);
    case 'provider': {
      const checks: TestCheck[] = [];
      for (const scenario of [BARE, ...scenarios]) checks.push(...(await checkScenario(plugin, scenario, running)));
      return checks;
    }
  }
}

async function checkScenario(
  provider: ProviderPlugin,
  scenario: TestScenario,
  { limitMs, began }: Running,
): Promise<readonly TestCheck[]> {
  const call = (what: string, overrides: FakeOverrides, how: (context: FakeContext) => Promise<unknown>) => {
    began(`${what}, when ${scenario.name}`);
    return run(scenario.context(overrides), limitMs, how);
  };
  const inspecting = await call('inspect', {}, async context => provider.inspect?.(context));
  const refreshing = await call('refresh', {}, context => provider.refresh(context));
  const aborted = await call('refresh after an abort', { signal: AbortSignal.abort() }, context =>
    provider.refresh(context),
  );
  const watching = await call('watch', {}, async context => watchTwice(provider, context));
  const problems: readonly (readonly [name: string, problem: string | undefined])[] = [
    ['inspects without network, programs or changes', inspectProblem(inspecting)],
    scenario === BARE
      ? ['returns an outcome even if nothing is installed', bareProblem(refreshing)]
      : ['returns a valid outcome', refreshProblem(refreshing, scenario.expect)],
    ['starts nothing after an abort', abortProblem(aborted)],
    ['watches, and can be stopped twice', watching.error === undefined ? undefined : thrown(watching.error)],
    [
      'leaks no secret',
      [inspecting, refreshing, aborted].map(each => leakProblem(each, scenario.secrets)).find(Boolean),
    ],
  ];
  return problems.map(([name, problem]) => ({ name, scenario: scenario.name, problem }));
}

async function make(factory: (options: never) => Plugin | Promise<Plugin>, options: object): Promise<unknown> {
  try {
    return await factory(options as never);
  } catch (error) {
    return error;
  }
}

function watchTwice(provider: ProviderPlugin, context: FakeContext): void {
  const stop = provider.watch?.(context, () => {});
  void stop?.();
  void stop?.();
}

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
  return refreshProblem(run, undefined) ?? inventedProblem(run.value);
}

/** An outcome that only a credential allows, where there is none. What is watched may end at a time of the options. */
function inventedProblem(outcome: unknown): string | undefined {
  const { status, expiresAt, method } = isRecord(outcome) ? outcome : {};
  const advice = 'Return "unavailable" with a hint until there is a login.';
  if (status === 'refreshed') return `The status is "refreshed", but there is nothing to renew. ${advice}`;
  if (status !== 'fresh' || expiresAt === undefined || method === 'observe') return undefined;
  return `The outcome "fresh" has an "expiresAt", but there is no credential that could end. ${advice}`;
}

function refreshProblem({ context, error, value }: Run, expected: string | undefined): string | undefined {
  if (error !== undefined) return expected === 'throws' && error instanceof Error ? undefined : thrown(error);
  const problem = outcomeProblem(value) ?? dateProblem(value, context.now());
  if (problem) return problem;
  const { status } = value as { readonly status: string };
  return expected === undefined || status === expected ? undefined : `The status is "${status}", not "${expected}".`;
}
