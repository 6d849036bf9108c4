import { z } from 'zod';
import { didYouMean } from '../../../sdk/base/nearest.ts';
import type { Policy, PolicyPatch } from '../../../sdk/contract/policy.ts';
import { policyShape } from '../../../sdk/contract/policy-schema.ts';
import { UsageError } from '../context/options.ts';
import { KINDS, type Kind } from './kinds.ts';

/** The patch for `KEY=VALUE…`. A part of a backoff is put into the one in force. */
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
  const kind = KINDS.get(key);
  if (!kind) throw new UsageError(`"${key}" cannot be set.${didYouMean(key, [...KINDS.keys()])} Keys:\n${allowed()}`);
  if (at < 0) throw new UsageError(`${key} needs a value, as in ${key}=…: ${kind.expects}.`);
  return [key, parseValue(key, kind, assignment.slice(at + 1))];
}

function parseValue(key: string, { expects, parse }: Kind, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    const custom = error.issues.find(({ code }) => code === 'custom');
    throw new UsageError(`${key}=${text}: ${custom?.message ?? `expected ${expects}`}.`);
  }
}

/** The patch for `unset KEY…`. */
export function parseUnset(names: readonly string[]): PolicyPatch {
  const known = Object.keys(policyShape);
  const unknown = names.find(name => !known.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`"${unknown}" cannot be unset.${didYouMean(unknown, known)} Keys: ${known.join(', ')}.`);
  return Object.fromEntries(names.map(name => [name, null]));
}

const allowed = (): string => [...KINDS].map(([key, { expects }]) => `  ${key.padEnd(16)}${expects}`).join('\n');
