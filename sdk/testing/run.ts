import { withTimeout } from '../base/timeout.ts';
import type { FakeContext } from './context.ts';

export type TestCheck = { readonly name: string; readonly scenario: string; readonly problem?: string | undefined };

/** How the tests of a plugin run. */
export type Running = {
  /** How long one call may take, in milliseconds. */
  readonly limitMs: number;
  /** Called before each call, with what is tested then: a plugin that never returns control is ended by its caller. */
  readonly began: (what: string) => void;
};

/** A call of a plugin and its result. */
export type Run = {
  readonly context: FakeContext;
  readonly value?: unknown;
  readonly error?: unknown;
  readonly late?: boolean;
};

export async function run(
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

export const thrown = (error: unknown): string => `It threw: ${error instanceof Error ? error.message : String(error)}`;

/** The problem of a call after an abort. */
export function abortProblem({ context, error, late }: Run): string | undefined {
  if (late) return thrown(error);
  const { exec, fetch } = context.calls;
  return exec.length + fetch.length > 0 ? 'It used the network or ran a program after an abort.' : undefined;
}
