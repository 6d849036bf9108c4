import { createCipheriv } from 'node:crypto';
import { jwt } from './tokens.ts';

/** The key of all test logins, as droid writes it. */
export const DROID_KEY = Buffer.alloc(32, 'CANARY-droid-key').toString('base64');

/** Droid's `auth.v2.file`, encrypted with `DROID_KEY`. */
export function droidLogin(expiresAt: number, mark = '1', email = 'you@example.test'): string {
  const exp = Math.floor(expiresAt / 1_000);
  return encryptDroid({
    access_token: jwt({ exp, email, sub: 'user_1', jti: `CANARY-${mark}` }),
    refresh_token: `CANARY-droid-refresh-${mark}`,
    active_organization_id: null,
  });
}

export function encryptDroid(content: object): string {
  const iv = Buffer.alloc(16, JSON.stringify(content));
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(DROID_KEY, 'base64'), iv);
  const secret = Buffer.concat([cipher.update(JSON.stringify(content)), cipher.final()]);
  return [iv, cipher.getAuthTag(), secret].map(part => part.toString('base64')).join(':');
}
