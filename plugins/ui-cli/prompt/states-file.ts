import { readFileSync } from 'node:fs';
import type { StatesFile } from '../../../sdk/session.ts';

/** What the daemon last wrote down; undefined where there is nothing, or nothing that can be read. */
export function readStates(file: string): StatesFile | undefined {
  try {
    const states: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isStates(states) ? states : undefined;
  } catch {
    return undefined;
  }
}

const isStates = (value: unknown): value is StatesFile => isObject(value) && 'sessions' in value && isObject(value.sessions);

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
