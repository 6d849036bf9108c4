import type { Fault, Reply } from './fault.ts';

// The vendor, or something in between, answers a request for a new token with this. No token is spent.

const json = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

const PAGE = '<!DOCTYPE html><html><head><title>Welcome</title></head><body>Please accept the terms.</body></html>';

const page = (status: number): Reply => ({ status, headers: { 'content-type': 'text/html' }, body: PAGE });

const error = { error: { type: 'api_error', message: 'not now' } };

const answered = (name: string, expects: Fault['expects'], reply: () => Reply): Fault => ({
  name,
  expects,
  needs: ['vendor'],
  exchange: ({ send }) => send(reply()),
});

const inAMinute = () => new Date(Date.now() + 60_000).toUTCString();

export const ANSWERS: readonly Fault[] = [
  answered('401 with a web page', 'failed', () => page(401)),
  answered('403 in JSON', 'temporary', () => json(403, error)),
  answered('403 with a web page', 'temporary', () => page(403)),
  answered('404', 'failed', () => json(404, error)),
  answered('408', 'failed', () => json(408, error)),
  answered('429 that says how many seconds to wait', 'temporary', () => json(429, error, { 'retry-after': '60' })),
  answered('429 that says until when to wait', 'temporary', () => json(429, error, { 'retry-after': inAMinute() })),
  answered('429 without a time', 'temporary', () => json(429, error)),
  answered('451', 'temporary', () => json(451, error)),
  answered('500', 'temporary', () => json(500, error)),
  answered('502 with a web page', 'temporary', () => page(502)),
  answered('503 that says how long to wait', 'temporary', () => json(503, error, { 'retry-after': '60' })),
  answered('504 without a body', 'temporary', () => ({ status: 504 })),
  answered('529', 'temporary', () => json(529, error)),
  answered('a web page with 200', 'failed', () => page(200)),
  answered('nothing with 200', 'failed', () => ({ status: 200, headers: { 'content-type': 'application/json' } })),
  { ...answered('JSON without tokens', 'failed', () => json(200, {})), needs: ['tokens'] },
  { ...answered('JSON that is a list', 'failed', () => json(200, [])), needs: ['tokens'] },
  answered('JSON that ends early', 'failed', () => ({ ...json(200, {}), body: '{"access_token":"half' })),
  answered('a redirect to a web page', 'failed', () => ({ status: 302, headers: { location: '/welcome' } })),
];

/** Everything, not only the token endpoint, is answered like this. */
export const INTERCEPTED: readonly Fault[] = [
  { name: 'a captive portal with 200', expects: 'failed', every: ({ send }) => send(page(200)) },
  { name: 'a captive portal with 511', expects: 'temporary', every: ({ send }) => send(page(511)) },
  { name: '503 from every host', expects: 'temporary', every: ({ send }) => send(json(503, error)) },
];
