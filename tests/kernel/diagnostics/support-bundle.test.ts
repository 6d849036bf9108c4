import { mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { WITHOUT_FILE } from '../../../config/resolve.ts';
import { makeBundle } from '../../../kernel/diagnostics/support-bundle.ts';
import { Scrubber } from '../../../runtime/log/redact.ts';
import { locateHome } from '../../../sdk/system/home.ts';
import { temporaryFolder } from '../../support/real-context.ts';

const SECRET = 'CANARY-0123456789abcdef';

/** The results of the methods. Each contains the secret and the user's home. */
function sources(answered: string[], scrubber: Scrubber) {
  const text = `${SECRET} in ${homedir()}/tool`;
  const answers: Readonly<Record<string, unknown>> = {
    'kernel/info': { name: text },
    'config/show': { file: text },
    'plugin/list': [{ id: text }],
    'session/list': [{ id: text }],
    'notice/list': [{ body: text }],
    'session/history': [{ message: text }],
  };
  const methods = Object.entries(answers).map(([method, answer]) => [
    method,
    (params: unknown) => {
      answered.push(method);
      if (method === 'session/history') expect(params).toEqual({ limit: 200 });
      return answer;
    },
  ]);
  // Inspecting the credentials is what makes the secret known.
  const doctor = async () => {
    scrubber.conceal(SECRET);
    answered.push('doctor/run');
    return [{ level: 'ok', subject: 'codex', message: text }];
  };
  return { ...Object.fromEntries(methods), 'doctor/run': doctor } as unknown as Parameters<typeof makeBundle>[0];
}

async function bundle() {
  const home = locateHome({ KEEPALIVE_HOME: await temporaryFolder() });
  mkdirSync(home.journal);
  writeFileSync(join(home.journal, 'note'), SECRET);
  writeFileSync(home.log, Array.from({ length: 600 }, (_, line) => `line ${line} ${SECRET}\n`).join(''));
  writeFileSync(home.states, SECRET, { mode: 0o600 });
  writeFileSync(join(home.stateDir, 'diary.txt'), SECRET);
  const answered: string[] = [];
  const scrubber = new Scrubber();
  const env = { HOME: homedir(), ACME_TOKEN: SECRET };
  const options = { home, version: '0', startedAt: 0, env, armed: true };
  const config = { ...WITHOUT_FILE, plugins: [['oauth', { id: 'acme', clientSecret: SECRET }] as const, 'claude'] };
  const made = await makeBundle(sources(answered, scrubber), options, config, scrubber);
  return { made, answered };
}

test('a bundle contains neither secrets nor the user’s name', async () => {
  const { made, answered } = await bundle();
  expect(answered[0]).toBe('doctor/run');
  const text = JSON.stringify(made);
  expect(text).not.toContain(SECRET);
  expect(text).not.toContain(`${homedir()}/`);
  expect(text).toContain('~/tool');
});

test('a bundle contains the results of the API, names of variables, plugins and the end of the log', async () => {
  const { made } = await bundle();
  expect(made).toMatchObject({ daemon: true, node: process.version, environment: ['ACME_TOKEN', 'HOME'] });
  expect(made.entries.map(({ module }) => module)).toEqual(['oauth', 'claude']);
  expect([made.findings, made.plugins, made.sessions, made.notices, made.attempts].map(list => list.length)).toEqual([
    1, 1, 1, 1, 1,
  ]);
  expect(made.log).toHaveLength(500);
  expect(made.log.at(-1)).toMatch(/^line 599 /);
});

test('only our own files in the home are listed, with name, size and mode', async () => {
  const { made } = await bundle();
  expect(made.files.map(({ name }) => name).toSorted()).toEqual(['journal/note', 'keepalived.log', 'states.json']);
  expect(made.files.find(({ name }) => name === 'states.json')).toMatchObject({ bytes: SECRET.length, mode: '600' });
});
