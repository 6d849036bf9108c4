import type { Session } from '../../../../sdk/contract/session.ts';

/** The providers whose vendors have usage windows that a warm-up may begin. */
export const WARMABLE: readonly string[] = ['claude', 'codex'];

export const warmableOf = (sessions: readonly Session[]): readonly Session[] =>
  sessions.filter(({ provider }) => WARMABLE.includes(provider));
