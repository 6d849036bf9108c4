const SENTENCES: Readonly<Record<string, string>> = {
  touch: 'Its own program renews it (touch).',
  redeem: 'Keepalive renews it with its refresh token (redeem).',
  ping: 'A request to its own site renews it (ping).',
  observe: 'It is only watched, because Keepalive cannot renew it (observe).',
};

/** How a session is kept alive, as a sentence. A provider may define other methods. */
export const describeMethod = (method: string): string =>
  Object.hasOwn(SENTENCES, method) ? (SENTENCES[method] ?? '') : `It is renewed by the method "${method}".`;
