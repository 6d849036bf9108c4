import type { RequestListener } from 'node:http';

/** How Google answers the refresh of a token. */
export type GoogleMood = 'serves' | 'refuses' | 'is out of order' | 'has retired the client';

const ANSWERS: Readonly<Record<string, object>> = {
  '/tokeninfo': { email: 'you@example.test', expires_in: '3000', scope: 'x' },
  '/oauth2/v2/userinfo': { email: 'you@example.test' },
  '/v1internal:onboardUser': { done: true, response: {} },
  '/v1internal:retrieveUserQuota': { buckets: [] },
};
const TIERS = {
  currentTier: { id: 'free-tier', name: 'Free' },
  cloudaicompanionProject: 'project',
  allowedTiers: [{ id: 'free-tier', isDefault: true }],
};
const RETIRED = {
  ineligibleTiers: [
    {
      reasonCode: 'UNSUPPORTED_CLIENT',
      reasonMessage: 'No longer for individuals.',
      tierId: 'free-tier',
      tierName: 'Free',
    },
  ],
};

/** The parts of Google's API that Gemini CLI needs. Records every request as `POST host/path`. */
export function googleServer(mood: GoogleMood): {
  readonly requests: readonly string[];
  readonly handle: RequestListener;
} {
  const requests: string[] = [];
  let renewals = 0;

  function answer(path: string): readonly [status: number, body: object] {
    if (mood === 'is out of order') return [503, {}];
    if (path === '/v1internal:loadCodeAssist') return [200, mood === 'has retired the client' ? RETIRED : TIERS];
    if (path !== '/token') return [200, ANSWERS[path] ?? {}];
    if (mood === 'refuses')
      return [400, { error: 'invalid_grant', error_description: 'Token has been expired or revoked.' }];
    renewals += 1;
    return [
      200,
      {
        access_token: `ya29.CANARY-${renewals}`,
        expires_in: 3600,
        scope: 'x',
        token_type: 'Bearer',
        id_token: 'x.y.z',
      },
    ];
  }

  return {
    requests,
    handle(request, response) {
      const { pathname } = new URL(request.url ?? '/', 'http://localhost');
      requests.push(`${request.method} ${request.headers.host}${pathname}`);
      const [status, body] = answer(pathname);
      request
        .resume()
        .on('end', () => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)));
    },
  };
}
