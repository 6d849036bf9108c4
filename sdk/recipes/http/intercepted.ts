import { KeepaliveError } from '../../contract/errors.ts';

/** The parts of a response that show who sent it. `text` is the body, or its beginning. */
export type SeenResponse = {
  readonly status: number;
  readonly text: string;
  readonly type?: string | null | undefined;
};

const BY_STATUS: Readonly<Record<number, string>> = {
  407: 'a proxy asks you to sign in to it',
  451: 'the vendor is blocked at the exit of this connection',
  511: 'the network asks you to sign in to it',
};
const REGION_CODE = 'unsupported_country_region_territory';
const REGION = 'the vendor does not serve the country that this connection comes from; if you use a VPN, it may be off';
const PAGE = 'a web page came in place of JSON, as from a captive portal, a proxy or a bot check';
const FORBIDDEN = 'it may be a region block or a bot check';

/**
 * Why a response is not the vendor's; undefined if it may be. `mayBePage`: a web page is expected, or there is no body.
 */
export function interceptionOf({ status, text, type }: SeenResponse, mayBePage: boolean): string | undefined {
  if (status >= 400 && text.includes(REGION_CODE)) return REGION;
  return BY_STATUS[status] ?? (!mayBePage && (isPage(text) || type?.startsWith('text/html')) ? PAGE : undefined);
}

/**
 * The same for a vendor's program, which shows only the status. A token endpoint never says 403 about a login, so a 403
 * is not the vendor's either.
 */
export const interceptionOfStatus = (status: number): string | undefined =>
  interceptionOf({ status, text: '' }, true) ?? (status === 403 ? FORBIDDEN : undefined);

/** Something between us and the vendor answered. Like an outage, this is no failure of the session. */
export const intercepted = (details: Readonly<Record<string, unknown>>): KeepaliveError =>
  new KeepaliveError('KA_INTERCEPTED', details);

const PAGE_STARTS = ['<!doctype', '<html', '<head', '<body', '<?xml', '<!--'];

/** Whether a text is a web page. */
function isPage(text: string): boolean {
  const start = text.trimStart().slice(0, 16).toLowerCase();
  return PAGE_STARTS.some(tag => start.startsWith(tag));
}
