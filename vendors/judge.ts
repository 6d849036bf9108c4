import type { Release } from '../sdk/vendors/releases.ts';
import type { Expected } from './faults/fault.ts';

/** What one trial showed. An outcome is the status of an outcome, or the code of an error. */
export type Seen = {
  readonly during: {
    readonly outcomes: readonly string[];
    /** Whether the vendor accepts what the store holds. */
    readonly isAlive: boolean;
    /** Whether the store differs from before the fault. */
    readonly isChanged: boolean;
    /** Requests for a token. */
    readonly exchanges: number;
    readonly renewed: number;
    readonly reused: number;
    /** Whether a program beside us accepted its login. */
    readonly accepted?: boolean | undefined;
  };
  /** After the fault was repaired, and another attempt. */
  readonly after: {
    readonly outcome: string;
    readonly isAlive: boolean;
    readonly isChanged: boolean;
    readonly reused: number;
    readonly accepts: boolean;
  };
};

/** The outcomes of a fault that passes by itself, which is never counted against the session. */
const TEMPORARY = ['deferred', 'rate-limited', 'KA_OFFLINE', 'KA_INTERCEPTED', 'given up'];
/** Failures that are counted, and named. */
const FAILURES = ['KA_PROGRAM_FAILED', 'KA_UNEXPECTED_ANSWER', 'KA_INEFFECTIVE'];
/** Nothing keeps the login alive. */
const HOPELESS: readonly Expected[] = ['over', 'unseen', 'unasked', 'lost'];
const RENEWED = ['refreshed', 'fresh'];

const ALLOWED: Readonly<Record<Expected, readonly string[]>> = {
  renewed: RENEWED,
  temporary: TEMPORARY,
  either: [...RENEWED, ...TEMPORARY],
  once: RENEWED,
  failed: [...TEMPORARY, ...FAILURES],
  over: ['login-required', 'deferred'],
  unseen: TEMPORARY,
  watched: ['fresh'],
  unasked: ['fresh'],
  lost: [...TEMPORARY, ...FAILURES, 'login-required'],
};

/** What did not hold, as sentences. Empty if all did. */
export function breaches(seen: Seen, expected: Expected): readonly string[] {
  return [...untrue(seen, expected), ...lost(seen, expected), ...stuck(seen, expected)];
}

function untrue({ during: { outcomes, isAlive, isChanged } }: Seen, expected: Expected): readonly string[] {
  const wrong = outcomes.filter(outcome => !ALLOWED[expected].includes(outcome));
  return [
    ...(wrong.length > 0 ? [`the outcome was ${wrong.join(' and ')}`] : []),
    ...(outcomes.includes('refreshed') && !(isAlive && isChanged)
      ? ['a renewal was reported that did not happen']
      : []),
    ...(outcomes.includes('login-required') && isAlive ? ['a sign-in was asked for, for a login that was good'] : []),
  ];
}

function lost({ during, after }: Seen, expected: Expected): readonly string[] {
  if (HOPELESS.includes(expected)) return [];
  return [
    ...(during.isAlive && after.isAlive ? [] : ['the login was lost']),
    ...(after.reused > 0 ? ['a token was spent twice'] : []),
  ];
}

/** Whether the login was renewed once the fault had passed. */
function stuck({ during, after }: Seen, expected: Expected): readonly string[] {
  const outcomes = [...during.outcomes, after.outcome];
  if (expected === 'over' && !outcomes.includes('login-required')) return ['no sign-in was asked for'];
  if (HOPELESS.includes(expected)) return [];
  return [
    ...(RENEWED.includes(after.outcome) || expected === 'once' ? [] : [`afterwards, the outcome was ${after.outcome}`]),
    ...(after.accepts ? [] : ['afterwards, the program did not accept the login']),
  ];
}

/** Breaches that may be due to a busy machine, and count only if they show again. */
export const mayBeChance = (found: readonly string[]): boolean =>
  found.length > 0 && found.every(breach => /the outcome was|did not accept/.test(breach));

/** One fault, and what did not hold. */
export type Trial = {
  readonly fault: string;
  readonly breaches: readonly string[];
  /** Why it could not be tried. */
  readonly failure?: string | undefined;
};

/** What the trials of a release show. The first one is without a fault. */
export function judge(trials: readonly Trial[]): Pick<Release, 'verdict' | 'faults' | 'reason'> {
  const broken = trials.filter(({ breaches }) => breaches.length > 0);
  const untried = trials.filter(({ failure }) => failure !== undefined);
  const faults = trials.length - untried.length;
  if (broken.length > 0)
    return { verdict: 'held-back', faults, reason: listed(broken, ({ breaches }) => breaches.join(', ')) };
  if (untried.length > 0)
    return { verdict: 'unknown', faults, reason: listed(untried, ({ failure }) => `not tried: ${failure}`) };
  return { verdict: 'proven', faults };
}

const listed = (trials: readonly Trial[], say: (trial: Trial) => string): string =>
  trials.map(trial => `${trial.fault}: ${say(trial)}`).join('; ');
