import { describe, expect, test } from 'vitest';
import { failureOf } from '../../../../lifecycle/outcome.ts';
import { intercepted, interceptionOf, interceptionOfStatus } from '../../../../sdk/recipes/http/intercepted.ts';

const REGION = '{"error":{"code":"unsupported_country_region_territory"}}';

describe('who answered', () => {
  test.each<[string, Parameters<typeof interceptionOf>, RegExp | undefined]>([
    ['a region block in JSON', [{ status: 403, text: REGION }, true], /country.*VPN/],
    ['another 403 in JSON', [{ status: 403, text: '{"error":"forbidden"}' }, true], undefined],
    ['a bot page', [{ status: 403, text: '\n<!DOCTYPE html><title>Just a moment...</title>' }, false], /web page/],
    [
      'a page by its content type',
      [{ status: 403, text: 'Access denied', type: 'text/html; charset=utf-8' }, false],
      /web page/,
    ],
    ['JSON sent as text/html', [{ status: 401, text: '{"error":"x"}', type: 'text/html' }, true], undefined],
    ['a plain text', [{ status: 401, text: 'no', type: 'text/plain' }, false], undefined],
    ['a portal', [{ status: 200, text: '<HTML>' }, false], /captive portal/],
    ['a proxy that requires a login', [{ status: 407, text: '' }, false], /proxy/],
    ['a network that requires a login', [{ status: 511, text: '{}' }, true], /network/],
    ['a legal block', [{ status: 451, text: '' }, false], /blocked/],
    ['nothing special', [{ status: 200, text: '{}' }, true], undefined],
  ])('%s', (_, seen, reason) => {
    if (reason) expect(interceptionOf(...seen)).toMatch(reason);
    else expect(interceptionOf(...seen)).toBeUndefined();
  });
});

describe("the status that a vendor's program got", () => {
  test.each<[number, boolean]>([
    [403, true],
    [407, true],
    [451, true],
    [511, true],
    [401, false],
    [400, false],
    [500, false],
    [200, false],
    [Number.NaN, false],
  ])('%d', (status, isIntercepted) => {
    expect(interceptionOfStatus(status) !== undefined).toBe(isIntercepted);
  });
});

test('an interception counts as the network: it backs off and is no failure', () => {
  expect(failureOf(intercepted({ status: 403, reason: interceptionOfStatus(403) }), text => text)).toEqual({
    outcome: 'offline',
    code: 'KA_INTERCEPTED',
    message:
      'Something between you and the vendor answered in its place (HTTP 403): ' +
      'it may be a region block or a bot check.',
  });
});
