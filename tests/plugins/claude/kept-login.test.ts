import { expect, test } from 'vitest';
import { claudeHome } from '../../../plugins/claude/home.ts';
import { keepLogin } from '../../../plugins/claude/kept-login.ts';
import { claudeLogin } from '../../support/vendors/claude-login.ts';
import { login, machine, provider, RENEWED, STORE, YOUNG } from '../../support/vendors/claude-machine.ts';
import { noWait } from '../../support/vendors/token-file.ts';

// What claude's sign-in does to its file: it writes it without the login from before, and then with the new one.

const OLD = claudeLogin(YOUNG);

/** A machine on which the user has just given claude the code. */
async function begun() {
  const context = machine(login(YOUNG));
  const end = await keepLogin(claudeHome(context, undefined), context, noWait);
  return { context, end, stored: () => context.files.read(STORE) };
}

test('a login that claude has lost is put back when claude has ended', async () => {
  const { context, end, stored } = await begun();
  context.files.write(STORE, '{"mcpOAuth":{"a":1}}');
  await end();
  expect(JSON.parse((await stored()) ?? '')).toEqual({ ...JSON.parse(OLD), mcpOAuth: { a: 1 } });
});

test('after a crash it counts as the login, and the next attempt puts it back', async () => {
  const { context, stored } = await begun();
  const before = await provider().inspect?.(context);
  context.files.write(STORE, '{}');
  expect(await provider().inspect?.(context)).toMatchObject({ present: true });
  await provider().refresh(context);
  expect(await stored()).toBe(OLD);
  expect(await provider().inspect?.(context)).toEqual(before);
});

test('a newer login is not replaced by the one from before', async () => {
  const { context, end, stored } = await begun();
  context.files.write(STORE, claudeLogin(RENEWED));
  await end();
  expect(await stored()).toBe(claudeLogin(RENEWED));
});

test('a login that the user removed later stays removed', async () => {
  const { context, end, stored } = await begun();
  await end();
  context.files.write(STORE, '{}');
  await provider().refresh(context);
  expect(await stored()).toBe('{}');
});
