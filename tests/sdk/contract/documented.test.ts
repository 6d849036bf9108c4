import pino from 'pino';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { logLevelSchema } from '../../../sdk/contract/config-schema.ts';
import { noticeSchema } from '../../../sdk/contract/notice-schema.ts';
import { weekdaySchema } from '../../../sdk/contract/policy-schema.ts';
import { openedPageSchema } from '../../../sdk/contract/rpc-kernel-schema.ts';
import { loginStateSchema, startedLoginSchema } from '../../../sdk/contract/rpc-login-schema.ts';
import { METHODS, NOTIFICATIONS } from '../../../sdk/contract/rpc-schema.ts';
import { additionSchema, toolSchema } from '../../../sdk/contract/rpc-tool-schema.ts';
import { attemptSchema, sessionSchema, stateSchema } from '../../../sdk/contract/session-schema.ts';
import { plain, tableRows } from '../../support/docs/markdown.ts';
import { readText } from '../../support/sources.ts';

// The documentation shows whether a member or a value was deleted from a schema, or added to it.

const api = readText('docs/rpc.md');
const quoted = (text: string): readonly string[] => [...text.matchAll(/`([\w-]+\??)`/g)].map(([, word = '']) => word);

/** The members of an object; those that may be left out end with `?`. */
const membersOf = ({ shape }: z.ZodObject): readonly string[] =>
  Object.entries(shape).map(([name, schema]) => (z.safeParse(schema, undefined).success ? `${name}?` : name));

/** The values of the members of an object that are one of a list. */
const valuesOf = ({ shape }: z.ZodObject): readonly string[] =>
  Object.values(shape).flatMap(schema => (schema instanceof z.ZodEnum ? schema.options.map(String) : []));

describe.each([
  ['Session', sessionSchema, []],
  ['Attempt', attemptSchema, []],
  // A notice about the daemon has the session `keepalive`.
  ['Notice', noticeSchema, ['keepalive']],
  ['Tool', toolSchema, []],
  ['Addition', additionSchema, []],
  // The names of states.
  ['StartedLogin', startedLoginSchema, ['code', 'manual', 'open']],
])('docs/rpc.md describes %s', (name, schema, others) => {
  const [, members = '', rest = ''] =
    new RegExp(`\\*\\*${name}\\*\\* \`\\{ (.*?) \\}\`(.*?)\\n\\n`, 's').exec(api) ?? [];

  test('with every member', () => {
    expect(members.split(/,\s+/).toSorted()).toEqual(membersOf(schema).toSorted());
  });

  test('with every value', () => {
    const words = new Set(quoted(rest).filter(word => !Object.hasOwn(schema.shape, word)));
    expect([...words].toSorted()).toEqual([...valuesOf(schema), ...others].toSorted());
  });
});

describe('docs/rpc.md describes the state', () => {
  const rows = tableRows(api, /^## Shapes/);

  test('with every name', () => {
    const names = stateSchema.options.map(({ shape }) => shape.name.value);
    expect(rows.map(([name]) => plain(name)).toSorted()).toEqual(names.toSorted());
  });

  test.each(stateSchema.options.map(option => [option.shape.name.value, option] as const))(
    '%s with every member and value',
    (name, option) => {
      const [, members = '', meaning = ''] = rows.find(([cell]) => plain(cell) === name) ?? [];
      expect(quoted(members).toSorted()).toEqual(
        membersOf(option)
          .filter(member => member !== 'name')
          .toSorted(),
      );
      expect(
        quoted(meaning)
          .filter(word => word !== 'why')
          .toSorted(),
      ).toEqual(valuesOf(option).toSorted());
    },
  );
});

test('docs/rpc.md describes every state of a sign-in with its members', () => {
  const documented = tableRows(api, /^## A sign-in/).map(([name = '', members = '']) => [plain(name), quoted(members)]);
  expect(Object.fromEntries(documented)).toEqual(
    Object.fromEntries(
      loginStateSchema.options.map(option => [
        option.shape.name.value,
        membersOf(option).filter(member => member !== 'name'),
      ]),
    ),
  );
});

test.each<[string, z.ZodType]>([
  ['kernel/info', openedPageSchema],
  ...(['session/explain', 'session/plan', 'page/open', 'page/close', 'plugin/list', 'doctor/run'] as const).map(
    (name): [string, z.ZodType] => [name, METHODS[name].result],
  ),
  ...(['config/didChange', 'kernel/willStop'] as const).map((name): [string, z.ZodType] => [
    name,
    NOTIFICATIONS[name].params,
  ]),
])('docs/rpc.md describes the object of %s with every member', (name, schema) => {
  const object = schema instanceof z.ZodArray ? schema.element : schema;
  const rows = [...tableRows(api, /^## Methods/), ...tableRows(api, /^## Notifications/)];
  const [, members = ''] = /`\{ (.*?) \}/.exec(rows.find(([cell]) => plain(cell) === name)?.at(-1) ?? '') ?? [];
  expect(object instanceof z.ZodObject && membersOf(object).toSorted()).toEqual(members.split(', ').toSorted());
});

test('log levels are the levels of the logger', () => {
  const levels = Object.values(pino.levels.labels).filter(label => label !== 'fatal');
  expect(logLevelSchema.options.toSorted()).toEqual(levels.toSorted());
});

test('weekdays start with Monday', () => {
  const format = new Intl.DateTimeFormat('en', { weekday: 'short', timeZone: 'UTC' });
  const days = Array.from({ length: 7 }, (_, day) => format.format(Date.UTC(2026, 5, 1 + day)).toLowerCase());
  expect(weekdaySchema.options).toEqual(days);
});
