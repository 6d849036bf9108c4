import { decodeText, type Body } from './body.ts';
import { textAt, type JsonObject } from './json-store.ts';
import { looseJson, NOTHING, type Loose } from './loose-json.ts';

/** What a body of a token endpoint says, in the standard's names. What it means is not judged here. */
export type Said = {
  readonly text: string;
  /** The members of the outermost object, and those of the one that has the tokens. Undefined where it is neither JSON nor a form. */
  readonly reply: JsonObject | undefined;
  /** The text ended before the JSON did. */
  readonly isTorn: boolean;
  /** The vendor's codes for what went wrong, as it writes them. */
  readonly codes: readonly string[];
  /** Whether it calls itself an error. */
  readonly isError: boolean;
};

/** Reads what came back for the token that was `sent`, in any of the shapes that token endpoints are known to use. */
export function readSaid({ bytes, end }: Body, sent: string): Said {
  const text = decodeText(bytes);
  const isForm = end === 'whole' && FORM_START.test(text.slice(0, 100));
  const { value, isTorn } = isForm ? formOf(text) : text.trimStart().startsWith('<') ? NOTHING : looseJson(text);
  const [root, ...inner] = objectsIn(value).map(withStandardNames);
  if (!root) return { text, isTorn, reply: undefined, codes: [], isError: false };
  return { text, isTorn, reply: { ...root, ...tokensIn([root, ...inner], sent) }, codes: codesIn(root, sent), isError: callsItselfError(root) };
}

const FORM_START = /^\s*[\w.-]{1,64}=/;

const formOf = (text: string): Loose => ({ value: Object.fromEntries(new URLSearchParams(text.trim())), isTorn: false });

const MOST_OBJECTS = 200;
const DEEPEST = 4;

/** The objects in a value, from the outside in: also those in lists, and those that were written as a text. */
function objectsIn(value: unknown): readonly JsonObject[] {
  const found: JsonObject[] = [];
  let level = [value];
  for (let depth = 0; depth < DEEPEST; depth++) {
    const values = level.map(item => (typeof item === 'string' && item.startsWith('{') ? looseJson(item).value : item));
    found.push(...values.filter(isObject));
    level = values.flatMap(item => (isContainer(item) ? Object.values(item).slice(0, MOST_OBJECTS) : [])).slice(0, MOST_OBJECTS);
  }
  return found.slice(0, MOST_OBJECTS);
}

/** A name by its letters alone. */
export const plainOf = (name: string): string => name.slice(0, 64).toLowerCase().replaceAll(/[^a-z]/g, '');

/** `accessToken` and `Access-Token` are `access_token` too. */
const STANDARD = new Map([
  ...['access_token', 'refresh_token', 'id_token', 'token_type', 'expires_in', 'expires_at', 'refresh_token_expires_in', 'scope', 'error', 'errors']
    .map(name => [plainOf(name), name] as const),
  ...['expires_on', 'expiry_date', 'expiry', 'expiration'].map(name => [plainOf(name), 'expires_at'] as const),
]);

function withStandardNames(object: JsonObject): JsonObject {
  const renamed = Object.entries(object).flatMap(([name, value]) => {
    const standard = STANDARD.get(plainOf(name));
    return standard === undefined || Object.hasOwn(object, standard) ? [] : [[standard, value] as const];
  });
  return { ...object, ...Object.fromEntries(renamed) };
}

const NO_TOKENS: JsonObject = { access_token: undefined, refresh_token: undefined };

/** The object that has the tokens: with a refresh token before one without. Of two different refresh tokens, neither is surely ours. */
function tokensIn(objects: readonly JsonObject[], sent: string): JsonObject {
  // The request, repeated in the answer, is none.
  const candidates = objects.filter(object => textAt(object, 'access_token') ?? (textAt(object, 'refresh_token') ?? sent) !== sent);
  const withRefresh = candidates.filter(object => textAt(object, 'refresh_token') !== undefined);
  const [outer] = withRefresh;
  if (!outer) return candidates[0] ?? NO_TOKENS;
  const isSure = outer === objects[0] || withRefresh.every(object => object['refresh_token'] === outer['refresh_token']);
  return isSure ? outer : NO_TOKENS;
}

const CODE = /^[A-Za-z0-9_.-]{1,64}$/;
const CODE_NAMES = ['error', 'code', 'errorCode', 'error_code', 'type'];
const MOST_ERRORS = 10;

/** Codes have a narrow alphabet: a sentence of the vendor's is not shown. */
function codesIn(root: JsonObject, sent: string): readonly string[] {
  const { error, errors } = root;
  const places = [root, error, ...(Array.isArray(errors) ? errors.slice(0, MOST_ERRORS) : [])].filter(isObject);
  return places.flatMap(place => CODE_NAMES.flatMap(name => textAt(place, name) ?? [])).filter(code => CODE.test(code) && code !== sent);
}

/** A `code` or a `type` alone says nothing: replies without an error have these too. */
const callsItselfError = ({ error, errors, ok, success }: JsonObject): boolean =>
  (typeof error === 'string' && error !== '') || isFilled(error) || isFilled(errors) || ok === false || success === false;

const isFilled = (value: unknown): boolean => isContainer(value) && Object.keys(value).length > 0;
const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null;
const isObject = (value: unknown): value is JsonObject => isContainer(value) && !Array.isArray(value);
