import { isDuration } from '../../../sdk/contract/duration.ts';
import type { Policy, PolicyPatch } from '../../../sdk/contract/policy.ts';
import { UsageError } from '../context/options.ts';
import { parseSchedule, SCHEDULE_FORMS } from './schedule.ts';

type Kind = { readonly expects: string; readonly parse: (text: string) => unknown };

const DURATION: Kind = {
  expects: 'a duration: 90s, 30m, 1h, 7d',
  parse: text => (isDuration(text) ? text : undefined),
};
const BOOLEAN: Kind = {
  expects: 'true or false',
  parse: text => (text === 'true' ? true : text === 'false' ? false : undefined),
};

const number = (expects: string, allows: (value: number) => boolean): Kind => ({
  expects,
  parse: text => (/^\d+(\.\d+)?$/.test(text) && allows(Number(text)) ? Number(text) : undefined),
});

const KINDS: Readonly<Record<Exclude<keyof Policy, 'backoff'> | `backoff.${keyof Policy['backoff']}`, Kind>> = {
  enabled: BOOLEAN,
  schedule: { expects: SCHEDULE_FORMS, parse: parseSchedule },
  refreshBefore: DURATION,
  renewEarly: BOOLEAN,
  minInterval: DURATION,
  retries: number('a whole number', Number.isInteger),
  maxFailures: number('a whole number of at least 1', value => Number.isInteger(value) && value >= 1),
  timeout: DURATION,
  jitter: number('a number from 0 to 1', value => value <= 1),
  'backoff.initial': DURATION,
  'backoff.factor': number('a number of at least 1', value => value >= 1),
  'backoff.max': DURATION,
};

const kinds = new Map<string, Kind>(Object.entries(KINDS));
/** What a policy is made of, as far as it can be unset. */
export const POLICY_KEYS: readonly string[] = [...new Set([...kinds.keys()].map(key => key.split('.')[0] ?? key))];

/** What `KEY=VALUE…` asks for. A part of a backoff is put into the one in force. */
export function parseAssignments(assignments: readonly string[], current: Policy): PolicyPatch {
  let patch: PolicyPatch = {};
  for (const assignment of assignments) {
    const [key, value] = parseAssignment(assignment);
    const [member = key, part] = key.split('.');
    patch = { ...patch, [member]: part ? { ...(patch.backoff ?? current.backoff), [part]: value } : value };
  }
  return patch;
}

function parseAssignment(assignment: string): readonly [string, unknown] {
  const at = assignment.indexOf('=');
  const key = at < 0 ? assignment : assignment.slice(0, at);
  const kind = kinds.get(key);
  if (!kind) throw new UsageError(`"${key}" cannot be set. What can be:\n${allowed()}`);
  if (at < 0) throw new UsageError(`${key} needs a value, as in ${key}=…: ${kind.expects}.`);
  const text = assignment.slice(at + 1);
  const value = kind.parse(text);
  if (value === undefined) throw new UsageError(`${key}=${text}: expected ${kind.expects}.`);
  return [key, value];
}

/** What `unset KEY…` asks for. */
export function parseUnset(names: readonly string[]): PolicyPatch {
  const unknown = names.find(name => !POLICY_KEYS.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`"${unknown}" cannot be unset. What can be: ${POLICY_KEYS.join(', ')}.`);
  return Object.fromEntries(names.map(name => [name, null]));
}

const allowed = (): string => [...kinds].map(([key, { expects }]) => `  ${key.padEnd(16)}${expects}`).join('\n');
