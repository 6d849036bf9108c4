import { isRecord } from '../base/json.ts';

/**
 * A JSON schema as generators of code understand it: a choice instead of a list of types, and a title for each object,
 * because they make long names for those without. `title` is for an object that has none.
 */
export function portable(schema: unknown, title?: string): unknown {
  if (!isRecord(schema)) return schema;
  const given = typeof schema['title'] === 'string' ? schema['title'] : title;
  const members = Object.entries(schema).map(([name, value]) => member(name, value, given));
  const isObject = isRecord(schema['properties']);
  return { ...(isObject && given !== undefined && { title: given }), ...Object.fromEntries(members) };
}

function member(name: string, value: unknown, title: string | undefined): readonly [string, unknown] {
  switch (name) {
    case 'type':
      return Array.isArray(value) ? ['anyOf', value.map(type => ({ type }))] : [name, value];
    case 'anyOf':
    case 'oneOf':
      return [name, listOf(value).map(one => portable(one, titleOfCase(one, title)))];
    case 'properties':
      return [name, mapped(value, (one, property) => portable(one, joined(title, property)))];
    case 'definitions':
      return [name, mapped(value, portable)];
    case 'items':
    case 'additionalProperties':
      return [name, portable(value, title)];
    default:
      return [name, value];
  }
}

/** `SessionStateIdle`, for the case of a session's state whose name is `idle`. */
function titleOfCase(schema: unknown, title: string | undefined): string | undefined {
  const properties = isRecord(schema) && isRecord(schema['properties']) ? Object.values(schema['properties']) : [];
  const constant = properties.find(property => isRecord(property) && typeof property['const'] === 'string');
  return isRecord(constant) ? joined(title, String(constant['const'])) : title;
}

/** The title of a part, after the title of the whole. */
const joined = (title: string | undefined, name: string): string | undefined => title && title + titleFor(name);

/** The words of a name, each with a capital: `SessionGet`, for `session/get`. */
export const titleFor = (name: string): string =>
  name.replaceAll(/(?:^|[^A-Za-z0-9]+)(\w)/g, (_all, first: string) => first.toUpperCase());

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const mapped = (value: unknown, map: (one: unknown, name: string) => unknown): unknown =>
  Object.fromEntries(Object.entries(isRecord(value) ? value : {}).map(([name, one]) => [name, map(one, name)]));
