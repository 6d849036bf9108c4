import { ANSWERS, INTERCEPTED } from './answers.ts';
import { CONNECTION } from './connection.ts';
import type { Fault, Needs } from './fault.ts';
import { MACHINE } from './machine.ts';
import { TOKENS } from './tokens.ts';

/** Every fault. The first one is none: a release that fails it cannot be judged. */
export const FAULTS: readonly Fault[] = [...TOKENS, ...ANSWERS, ...INTERCEPTED, ...CONNECTION, ...MACHINE];

/** The faults that a program with these parts can have. */
export const faultsFor = (parts: readonly Needs[]): readonly Fault[] =>
  FAULTS.filter(({ needs = [] }) => needs.every(need => parts.includes(need)));
