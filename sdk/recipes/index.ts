/**
 * Recipes for provider plugins. Each `define…` function makes a complete provider. The readers below help to write the
 * `look` function of `defineSession`.
 */

// What the recipes return: a plugin's declarations name it.
export type { ProviderPlugin } from '../plugin/provider.ts';
export { defineCommandSession, type CommandSessionOptions } from './cli/define-command-session.ts';
export type { StoreReading } from './cli/touch.ts';
export { defineOAuthSession, type OAuthSessionOptions } from './oauth/define-oauth-session.ts';
export type { Credential, StoreContext, TokenFile } from './oauth/token-file.ts';
export { maskAccount } from './store/account.ts';
export { defineSession } from './session/define-session.ts';
export { ownerTouch, type OwnerTouch } from './session/owner-touch.ts';
export type {
  LookContext,
  NoLogin,
  RedeemMethod,
  SessionMethod,
  SessionOptions,
  StoredLogin,
  TouchMethod,
  TouchRun,
} from './session/session.ts';
export {
  fingerprintOf,
  readInstant,
  readJsonFile,
  textAt,
  valueAt,
  type JsonFile,
  type JsonObject,
  type Wait,
} from './store/json-store.ts';
export { dueAt, readClaims, readJwt, type JwtTimes, type Lifetime } from './store/lifetime.ts';
export { defineCookieSession, type BrowserJar, type CookieSessionOptions } from './web/define-cookie-session.ts';
