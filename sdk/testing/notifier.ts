import type { Notice } from '../contract/session.ts';
import type { NotifierPlugin } from '../plugin/notifier.ts';
import { fakeContext, type FakeContext, type FakeOverrides } from './context.ts';
import { leakProblem } from './problems.ts';
import { abortProblem, run, thrown, type Run, type Running, type TestCheck } from './run.ts';

const NOWHERE = 'nothing is installed and there is no network';
const HEARD = 'the channel accepts everything';

const NOTICE: Notice = {
  id: 'acme:login-required',
  session: 'acme',
  level: 'error',
  code: 'login-required',
  title: 'Acme needs a login',
  body: 'The login has ended.',
  action: 'Run `acme login`.',
  raisedAt: Date.UTC(2026, 0, 1),
};

/** A channel that answers every request, and programs that succeed. */
const heard = (overrides: FakeOverrides): FakeContext =>
  fakeContext({ ...overrides, fetch: () => Response.json({ ok: true }), exec: () => ({ exitCode: 0 }) });

/** Runs the contract tests of notifiers. Nothing real is touched, and nothing is sent. */
export async function checkNotifier(notifier: NotifierPlugin, running: Running): Promise<readonly TestCheck[]> {
  const call = async (what: string, context: FakeContext, how: (context: FakeContext) => Promise<unknown>) => {
    running.began(what);
    return run(context, running.limitMs, how);
  };
  const raise = (context: FakeContext) => notifier.raise(NOTICE, context);
  const lost = await call('raises a notice', fakeContext(), raise);
  const sent = await call('raises a notice', heard({}), raise);
  const aborted = await call('raises a notice after an abort', heard({ signal: AbortSignal.abort() }), raise);
  const many = await call('raises several notices', heard({}), async context =>
    notifier.raiseMany?.([NOTICE, { ...NOTICE, id: 'other:failing', session: 'other', code: 'failing' }], context),
  );
  const receipt = typeof sent.value === 'string' ? sent.value : undefined;
  const cleared = await call('clears a notice', heard({}), async context => notifier.clear?.(NOTICE, context, receipt));
  const asked = await call('says whether it can deliver', heard({}), async context => notifier.unavailable?.(context));
  const runs = [lost, sent, aborted, many, cleared, asked];
  return [
    { name: 'rejects if a notice cannot be delivered', scenario: NOWHERE, problem: lostProblem(lost) },
    { name: 'delivers a notice', scenario: HEARD, problem: receiptProblem(sent) },
    { name: 'delivers several notices', scenario: HEARD, problem: receiptProblem(many) },
    { name: 'withdraws a notice', scenario: HEARD, problem: cleared.error && thrown(cleared.error) },
    { name: 'says whether it can deliver, and delivers nothing then', scenario: HEARD, problem: askedProblem(asked) },
    { name: 'starts nothing after an abort', scenario: HEARD, problem: abortProblem(aborted) },
    { name: 'leaks no secret', scenario: HEARD, problem: runs.map(each => leakProblem(each)).find(Boolean) },
  ].map(check => ({ ...check, problem: check.problem === undefined ? undefined : String(check.problem) }));
}

function lostProblem({ context, error, late }: Run): string | undefined {
  if (late) return thrown(error);
  const { exec, fetch } = context.calls;
  if (error !== undefined || fetch.length + exec.length === 0) return undefined;
  return 'It resolved although its request had failed, so the notice would not be sent again. Let the error through.';
}

function receiptProblem({ error, value }: Run): string | undefined {
  if (error !== undefined) return thrown(error);
  return value === undefined || value === null || typeof value === 'string'
    ? undefined
    : 'It returned something other than a receipt, which is a text, or nothing.';
}

function askedProblem({ context, error, value }: Run): string | undefined {
  if (error !== undefined) return thrown(error);
  const { exec, fetch } = context.calls;
  if (fetch.some(({ method }) => method !== 'GET') || exec.length > 0) return '"unavailable" sent something.';
  return value === undefined || typeof value === 'string' ? undefined : '"unavailable" returned no text.';
}
