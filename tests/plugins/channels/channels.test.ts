import { chmod, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { post } from '../../../sdk/recipes/notice/post.ts';
import { fakeContext } from '../../../sdk/testing/index.ts';
import { CHANNEL_NAMES, startChannel } from '../../support/channels/channels.ts';
import { certificate } from '../../support/daemon/certificate.ts';
import { listen } from '../../support/daemon/listen.ts';
import { notice } from '../../support/notice.ts';
import { temporaryFolder } from '../../support/real-context.ts';

/** A fake context that reaches real servers. */
const online = (given: Parameters<typeof fakeContext>[0] = {}) => ({ ...fakeContext(given), fetch: globalThis.fetch });

const caught = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

const LEAKY = notice({
  title: 'Codex of me@person.test needs a login',
  body: 'Open https://auth.example/login?code=SIGN-IN as m…@person.test, or see auth.example/device?user_code=SIGN-IN.',
  action: 'Run `codex login`, then open localhost:1455/callback?state=SIGN-IN <b>&',
});

describe.each(CHANNEL_NAMES)('%s', name => {
  test('a message says what happened, what to do and on which machine', async () => {
    const { notifier, server } = await startChannel(name);
    await notifier.raise(notice(), online());
    const sent = JSON.stringify(server.asked.map(({ json }) => json)).replaceAll('\\\\', '');
    for (const part of ['Codex needs a login (laptop)', 'The login has ended.', 'codex login'])
      expect(sent.replaceAll(/\\(?=[().])/g, '')).toContain(part);
  });

  test('a message has no e-mail address and no link', async () => {
    const { notifier, server } = await startChannel(name);
    await notifier.raise(LEAKY, online());
    await notifier.raiseMany?.([LEAKY, { ...LEAKY, id: 'other' }], online());
    expect(server.asked).toHaveLength(2);
    expect(JSON.stringify(server.asked.map(({ json }) => json))).not.toMatch(/person\.test|SIGN-IN|auth\.example/);
  });

  test('notices that were raised together are one message', async () => {
    const { notifier, server } = await startChannel(name);
    const many = Array.from({ length: 12 }, (_, index) => notice({ id: `s${index}`, title: `Session ${index} ends` }));
    await notifier.raiseMany?.(many, online());
    expect(server.asked).toHaveLength(1);
    const sent = JSON.stringify(server.asked[0]?.json);
    expect(sent).toContain('12 sessions need a login');
    expect(sent).toContain('Session 11 ends');
  });

  test('notices of any length and with any character are accepted', async () => {
    const { notifier, server } = await startChannel(name);
    const nasty = `<@everyone> *a* _b_ \`c &amp; <script> ${'\u{1f600}&<'.repeat(20_000)}`;
    const huge = notice({ title: nasty, body: nasty, action: nasty });
    await notifier.raise(huge, online());
    await notifier.raiseMany?.(Array<typeof huge>(100).fill(huge), online());
    await notifier.raise(notice({ body: '', action: undefined }), online());
    expect(server.asked).toHaveLength(3);
  });

  test.each<[string, object, object]>([
    ['400', { status: 400, body: { error: 'CANARY in a body' } }, { details: { status: 400 } }],
    ['401', { status: 401 }, { details: { status: 401, hint: expect.stringContaining('token') } }],
    ['500', { status: 500, body: '<html>CANARY</html>' }, { code: 'KA_UNEXPECTED_ANSWER', details: { status: 500 } }],
    ['a redirect', { status: 307, headers: { location: '/elsewhere' } }, { details: { status: 307 } }],
    ['a long wait', { status: 429, headers: { 'retry-after': '3600' } }, { code: 'KA_OFFLINE' }],
    ['a wait of unknown length', { status: 429 }, { code: 'KA_OFFLINE' }],
    ['503', { status: 503, body: '<html>CANARY</html>' }, { code: 'KA_OFFLINE' }],
  ])('the answer %s is an error without a secret, and nothing is repeated', async (_name, reply, expected) => {
    const { notifier, server } = await startChannel(name);
    server.script.push(reply);
    const context = online();
    const error = await caught(notifier.raise(notice(), context));
    expect(error).toMatchObject(expected);
    expect(inspect([error, context.calls.log], { depth: Infinity })).not.toContain('CANARY');
    expect(server.asked).toHaveLength(1);
  });

  test('a message is sent again after a short wait that the channel asks for', async () => {
    const { notifier, server } = await startChannel(name);
    server.script.push({ status: 429, headers: { 'retry-after': '0' } });
    server.script.push({
      status: 429,
      body: { retry_after: 0.001, retry_after_ms: 1, parameters: { retry_after: 0 } },
    });
    await notifier.raise(notice(), online());
    expect(server.asked).toHaveLength(3);
    expect(server.asked[2]?.json).toEqual(server.asked[0]?.json);
  });

  test('a channel that breaks off or does not answer is offline', async () => {
    const { notifier, server } = await startChannel(name);
    server.script.push('break');
    const broken = await caught(notifier.raise(notice(), online()));
    expect(broken).toMatchObject({ code: 'KA_OFFLINE', details: { host: new URL(server.url).host } });
    expect(inspect(broken, { depth: Infinity })).not.toContain('CANARY');
    server.script.push('silence');
    const stopped = online({ signal: AbortSignal.timeout(50) });
    expect(await caught(notifier.raise(notice(), stopped))).toMatchObject({ code: 'KA_OFFLINE' });
  });

  test('the secret comes from a private file or the environment too, and is concealed', async () => {
    const { make, secret, server } = await startChannel(name);
    const [option, value] = secret;
    const file = join(await temporaryFolder(), 'secret');
    await writeFile(file, `${value}\n`, { mode: 0o600 });
    const context = online({ env: { MY_SECRET: value } });
    for (const given of [{ [`${option}File`]: file }, { [`${option}Variable`]: 'MY_SECRET' }]) {
      await make(given).raise(notice(), context);
      expect(await make(given).unavailable?.(context)).toBeUndefined();
    }
    expect(server.asked).toHaveLength(2);
    expect(context.calls.concealed).toContain(value);
  });

  test('a secret that cannot be read, or that others can read, stops a delivery and says why', async () => {
    const { make, secret, server } = await startChannel(name);
    const [option, value] = secret;
    const file = join(await temporaryFolder(), 'secret');
    const notifier = make({ [`${option}File`]: file });
    const why = () => notifier.unavailable?.(online());
    expect(await why()).toBe(`The credential cannot be read (${file}): it does not exist (ENOENT).`);
    await writeFile(file, value, { mode: 0o600 });
    await chmod(file, 0o644);
    expect(await why()).toContain(`other users may read it; \`chmod 600 ${file}\` changes that`);
    expect(await caught(notifier.raise(notice(), online()))).toMatchObject({ code: 'KA_STORE_UNREADABLE' });
    await chmod(file, 0o600);
    await writeFile(file, '\n');
    expect(await why()).toContain('it is empty, or missing');
    await writeFile(file, `${value} CANARY with blanks`);
    expect(await why()).toEqual(expect.not.stringContaining('CANARY'));
    expect(server.asked).toEqual([]);
  });

  test('two sources of a secret, an unknown option and a value of the wrong form are refused', async () => {
    const { make, secret } = await startChannel(name);
    const [option, value] = secret;
    const problems = (...found: object[]) =>
      expect.objectContaining({
        code: 'KA_CONFIG_INVALID',
        details: { problems: found.map(one => expect.objectContaining(one)) },
      });
    expect(() => make({ [option]: value, [`${option}File`]: '~/x' })).toThrow(
      problems({ path: option, message: `Give only one of ${option}, ${option}File and ${option}Variable.` }),
    );
    expect(() => make({ [option]: value, retries: '3' })).toThrow(problems({ path: '' }));
    expect(() => make({ [option]: 'http://CANARY.example/ x' })).toThrow(
      problems({ path: option, message: expect.not.stringContaining('CANARY') }),
    );
  });
});

test('a server with a wrong certificate gets nothing', async () => {
  const { key, cert } = await certificate(['elsewhere.test']);
  let requests = 0;
  const url = await listen(createServer({ key, cert }, () => (requests += 1)));
  const error = await caught(post({ url: url.replace('http:', 'https:'), json: {} }, online()));
  expect(error).toMatchObject({ code: 'KA_OFFLINE', details: { reason: expect.stringMatching(/CERT|SIGNED|LEAF/) } });
  expect(requests).toBe(0);
});

test('a server that is silent for longer than the limit is named as such', async () => {
  const { server } = await startChannel('discord');
  server.script.push('silence');
  const error = await caught(post({ url: server.url, json: {} }, online(), 50));
  expect(error).toMatchObject({ code: 'KA_OFFLINE', details: { reason: 'it did not answer in time' } });
});
