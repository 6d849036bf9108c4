import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { readBody, MOST_BYTES } from '../../sdk/recipes/http/body.ts';
import { ask } from '../../sdk/recipes/http/ask.ts';
import { redeem } from '../../sdk/recipes/oauth/redeem.ts';
import { listen } from '../support/daemon/listen.ts';
import { realContext, temporaryFolder } from '../support/real-context.ts';
import { tokenFile } from '../support/vendors/token-file.ts';

const MEMBERS = 96;
/** 16 MiB of blanks, compressed. All members together expand to 1.5 GiB. */
const MEMBER = gzipSync(Buffer.alloc(16 * 1_048_576, ' '));
const LIMIT = 2 * MOST_BYTES;

/** A server whose every answer expands to 1.5 GiB. */
async function bomb(status: number) {
  let requests = 0;
  const url = await listen(
    createServer((request, response) => {
      requests += 1;
      request.resume();
      response.writeHead(status, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      Readable.from(Array<Buffer>(MEMBERS).fill(MEMBER)).pipe(response);
    }),
  );
  return { url, requests: () => requests };
}

/** Counts the decompressed bytes. */
function counting() {
  let bytes = 0;
  const fetch: typeof globalThis.fetch = async (...request) => {
    const { body, status, headers } = await globalThis.fetch(...request);
    const count = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        bytes += chunk.length;
        controller.enqueue(chunk);
      },
    });
    return new Response(body?.pipeThrough(count) ?? null, { status, headers });
  };
  return { fetch, bytes: () => bytes };
}

test.each([
  [200, { status: 'deferred' }],
  [400, { code: 'KA_UNEXPECTED_ANSWER' }],
  [401, { code: 'KA_UNEXPECTED_ANSWER' }],
  [503, { code: 'KA_OFFLINE' }],
])(
  'S16: of a 1.5 GiB answer with status %i, little more than 1 MiB is decompressed, and it is requested once',
  async (status, expected) => {
    const server = await bomb(status);
    const { folder, source } = await tokenFile({ tokenEndpoint: server.url }, { expires_at: 2_000 });
    const { fetch, bytes } = counting();
    const context = realContext(folder, { fetch, now: () => 1_900_000 });
    expect(await redeem(source, context).catch((error: unknown) => error)).toMatchObject(expected);
    expect(bytes()).toBeGreaterThan(MOST_BYTES);
    expect(bytes()).toBeLessThan(LIMIT);
    expect(server.requests()).toBe(1);
  },
);

test('S16: a page that is requested with cookies is read no further either', async () => {
  const server = await bomb(200);
  const { fetch, bytes } = counting();
  expect(
    await ask(realContext(await temporaryFolder(), { fetch }), server.url, { headers: {}, json: true }),
  ).toMatchObject({ kind: 'answered', status: 200, json: undefined });
  expect(bytes()).toBeLessThan(LIMIT);
});

test('S16: the part of a too long JSON answer that was read is used', async () => {
  const fetch = async () => Response.json({ user: { id: 7 }, padding: 'x'.repeat(LIMIT) });
  expect(
    await ask(realContext(await temporaryFolder(), { fetch }), 'https://acme.test/', { headers: {}, json: true }),
  ).toMatchObject({ kind: 'answered', json: { user: { id: 7 } } });
});

test('S16: an error with a truncated or endless body is an answer and is not requested again', async () => {
  const breaks = () => new ReadableStream({ start: controller => controller.error(new Error('terminated')) });
  for (const status of [400, 401, 403, 500]) {
    const { folder, source } = await tokenFile();
    let count = 0;
    const fetch = async () => (count++, new Response(breaks(), { status }));
    await expect(redeem(source, realContext(folder, { fetch }))).rejects.toMatchObject({ details: { status } });
    expect(count).toBe(1);
  }
});

test('S16 control: without the limit the whole body is read', async () => {
  const server = await bomb(200);
  const response = await fetch(server.url);
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > 8 * LIMIT) break;
  }
  expect(bytes).toBeGreaterThan(8 * LIMIT);
  expect((await readBody(await fetch(server.url))).bytes.length).toBe(MOST_BYTES);
});
