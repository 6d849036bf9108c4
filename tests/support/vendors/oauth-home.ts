import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryHome } from '../daemon/daemon.ts';

const NAME = 'token.json';

/** A home with an expired OAuth token file, which is redeemed at every refresh. */
export function oauthHome(
  tokenEndpoint: string,
  {
    policy = {},
    plugins = [],
    files = {},
    token = 'refresh-0',
    options = {},
  }: {
    readonly policy?: object;
    readonly plugins?: readonly unknown[];
    readonly files?: Readonly<Record<string, string>>;
    readonly token?: string;
    readonly options?: object;
  } = {},
) {
  const home = temporaryHome(files);
  const file = join(home, NAME);
  const acme = [
    'oauth',
    {
      id: 'acme',
      file,
      tokenEndpoint,
      clientId: 'test',
      paths: { access: 'access_token', refresh: 'refresh_token', expiresAt: 'expires_at' },
      ...options,
    },
  ];
  writeFileSync(
    join(home, 'keepalive.config.json'),
    JSON.stringify({ plugins: [acme, ...plugins], policy: { minInterval: '100ms', jitter: 0, ...policy } }),
  );
  writeFileSync(file, JSON.stringify({ access_token: 'access-0', refresh_token: token, expires_at: 1 }), {
    mode: 0o600,
  });
  return {
    home,
    /** The refresh token that the file holds. */
    held: (): string => JSON.parse(readFileSync(file, 'utf8')).refresh_token,
  };
}
