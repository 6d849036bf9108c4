import type { RefreshOutcome } from '../../contract/outcome.ts';
import type { Absence, Credential, TokenFile } from './token-file.ts';

export const method = 'redeem';

const timesOf = ({ expiresAt, loginExpiresAt }: Credential) => ({ expiresAt, loginExpiresAt });

export const renewed = (now: Credential): RefreshOutcome => ({ method, status: 'refreshed', ...timesOf(now) });

export const fresh = (now: Credential): RefreshOutcome => ({ method, status: 'fresh', ...timesOf(now) });

export const unavailable = ({ file, signIn }: TokenFile, { absent }: Pick<Absence, 'absent'>) =>
  ({
    method,
    status: 'unavailable',
    hint: `${absent === 'file' ? 'There is no' : 'There is no refresh token in'} ${file}. ${signIn}`,
  }) as const;
