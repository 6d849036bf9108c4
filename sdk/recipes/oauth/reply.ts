import { isRecord } from '../../base/json.ts';
import { decodeText, type Body } from '../http/body.ts';
import { textAt, type JsonObject } from '../store/json-store.ts';
import { looseJson, NOTHING, type Loose } from '../store/loose-json.ts';

/** A response of a token endpoint, as it came. */
export type TokenResponse = Body & {
  readonly status: number;
  readonly type: string | null;
  readonly retryAfter: string | null;
  readonly location: string | null;
};

/** The content of a response of a token endpoint, with the names of the standard. */
export type ResponseContent = {
  readonly text: string;
  /** The members of the outermost object and of the object with the tokens. Undefined if the text is no JSON. */
  readonly reply: JsonObject | undefined;
  /** The text ended before the JSON did. */
  readonly isTorn: boolean;
  /** The vendor's error codes, as it writes them. */
  readonly codes: readonly string[];
  /** Whether the response says that it is an error. */
  readonly isError: boolean;
};

/** Reads a response to the token that was `sent`, in any of the formats that token endpoints are known to use. */
export function readContent({ bytes, end }: Body, sent: string): ResponseContent {
  const text = decodeText(bytes);
  const isForm = end === 'whole' && FORM_START.test(text.slice(0, 100));
  const { value, isTorn } = isForm ? formOf(text) : text.trimStart().startsWith('<') ? NOTHING : looseJson(text);
  const [root, ...inner] = objectsIn(value).map(withStandardNames);
  if (!root) return { text, isTorn, reply: undefined, codes: [], isError: false };
  const reply = { ...root, ...tokensIn([root, ...inner], sent) };
  return { text, isTorn, reply, codes: codesIn(root, sent), isError: callsItselfError(root) };
}

const FORM_START = /^\s*[\w.-]{1,64}=/;

const formOf = (text: string): Loose => ({
  value: Object.fromEntries(new URLSearchParams(text.trim())),
  isTorn: false,
});

const MOST_OBJECTS = 200;
const DEEPEST = 4;

/** The objects in a value, the outermost first, including those in lists and those encoded as strings. */
function objectsIn(value: unknown): readonly JsonObject[] {
  const found: JsonObject[] = [];
  let level = [value];
  for (let depth = 0; depth < DEEPEST; depth++) {
    const values = level.map(item => (typeof item === 'string' && item.startsWith('{') ? looseJson(item).value : item));
    found.push(...values.filter(isRecord));
    level = values.flatMap(membersOf).slice(0, MOST_OBJECTS);
  }
  return found.slice(0, MOST_OBJECTS);
}

const membersOf = (value: unknown): readonly unknown[] =>
  isContainer(value) ? Object.values(value).slice(0, MOST_OBJECTS) : [];

/** A name in lower case, with letters only. */
const plainOf = (name: string): string =>
  name
    .slice(0, 64)
    .toLowerCase()
    .replaceAll(/[^a-z]/g, '');

/** `accessToken` and `Access-Token` are `access_token` too. */
const NAMES = [
  'access_token',
  'refresh_token',
  'id_token',
  'token_type',
  'expires_in',
  'expires_at',
  'refresh_token_expires_in',
  'scope',
  'error',
  'errors',
];
const NAMES_OF_EXPIRY = ['expires_on', 'expiry_date', 'expiry', 'expiration'];
const STANDARD = new Map([
  ...NAMES.map(name => [plainOf(name), name] as const),
  ...NAMES_OF_EXPIRY.map(name => [plainOf(name), 'expires_at'] as const),
]);

function withStandardNames(object: JsonObject): JsonObject {
  const renamed = Object.entries(object).flatMap(([name, value]) => {
    const standard = STANDARD.get(plainOf(name));
    return standard === undefined || Object.hasOwn(object, standard) ? [] : [[standard, value] as const];
  });
  return { ...object, ...Object.fromEntries(renamed) };
}

const NO_TOKENS: JsonObject = { access_token: undefined, refresh_token: undefined };

/** The object with the tokens, preferably with a refresh token. If there are two different ones, neither is taken. */
function tokensIn(objects: readonly JsonObject[], sent: string): JsonObject {
  // A response may echo the request, so the token that was sent does not count.
  const isNew = (object: JsonObject) => (textAt(object, 'refresh_token') ?? sent) !== sent;
  const candidates = objects.filter(object => textAt(object, 'access_token') !== undefined || isNew(object));
  const withRefresh = candidates.filter(object => textAt(object, 'refresh_token') !== undefined);
  const [outer] = withRefresh;
  if (!outer) return candidates[0] ?? NO_TOKENS;
  const isSame = withRefresh.every(object => object['refresh_token'] === outer['refresh_token']);
  return outer === objects[0] || isSame ? outer : NO_TOKENS;
}

const CODE = /^[A-Za-z0-9_.-]{1,64}$/;
const CODE_NAMES = ['error', 'code', 'errorCode', 'error_code', 'type'];
const MOST_ERRORS = 10;

/** Only short words of letters and digits count as codes, so that no text of the vendor is shown. */
function codesIn(root: JsonObject, sent: string): readonly string[] {
  const { error, errors } = root;
  const places = [root, error, ...(Array.isArray(errors) ? errors.slice(0, MOST_ERRORS) : [])].filter(isRecord);
  const codes = places.flatMap(place => CODE_NAMES.flatMap(name => textAt(place, name) ?? []));
  return codes.filter(code => CODE.test(code) && code !== sent);
}

/** A `code` or a `type` alone does not mean an error: other replies have these too. */
const callsItselfError = ({ error, errors, ok, success }: JsonObject): boolean =>
  (typeof error === 'string' && error !== '') ||
  isFilled(error) ||
  isFilled(errors) ||
  ok === false ||
  success === false;

const isFilled = (value: unknown): boolean => isContainer(value) && Object.keys(value).length > 0;
const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null;
