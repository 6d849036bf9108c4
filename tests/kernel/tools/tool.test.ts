import { expect, test } from 'vitest';
import { toolOf, type Sight } from '../../../kernel/tools/tool.ts';
import type { Inspection } from '../../../sdk/contract/outcome.ts';
import type { Tool } from '../../../sdk/contract/rpc.ts';

const HINT = 'Run `codex login`.';
const store = '/home/you/.codex/auth.json';
const login = (at = store): Inspection => ({ present: true, store: at, expiresAt: new Date(5) });
const none = (more: Partial<Inspection> = {}): Inspection => ({ present: false, store, hint: HINT, ...more });
const program = '/usr/bin/codex';

test.each<[string, Partial<Sight>, Partial<Tool>]>([
  ['nothing is there', { seen: none() }, { status: 'missing', action: `Install Codex. ${HINT}`, places: [store] }],
  [
    'it can be in several places',
    { seen: none({ places: [store, 'the keyring'] }) },
    { status: 'missing', places: [store, 'the keyring'] },
  ],
  ['only its program is there', { seen: none({ program }) }, { status: 'signed-out', program, action: HINT }],
  [
    'its login cannot be read',
    { seen: { unreadable: 'It is cut off.' } },
    { status: 'unreadable', action: expect.stringContaining('(It is cut off)') },
  ],
  [
    'its login cannot be used',
    { seen: none({ unusable: true, hint: 'It is foreign.' }) },
    { status: 'unreadable', action: 'It is foreign.' },
  ],
  [
    'no session keeps its login',
    { seen: login() },
    {
      status: 'not-kept',
      action: 'To keep it alive, run `keepalive add codex`.',
      offer: { plugin: 'codex', options: {} },
      expiresAt: 5,
    },
  ],
  [
    'a session keeps it',
    { seen: login(), kept: [{ id: 'codex', seen: login() }] },
    { status: 'kept', sessions: ['codex'], places: [store], expiresAt: 5 },
  ],
  [
    'a session keeps only the login of another home',
    { seen: login(), kept: [{ id: 'codex-work', seen: login('/logins/work.json') }] },
    { status: 'not-kept', sessions: ['codex-work'], offer: { plugin: 'codex', options: {} } },
  ],
  [
    'that session has the usual id',
    { seen: login(), kept: [{ id: 'codex', seen: login('/logins/work.json') }], isTaken: true },
    {
      status: 'not-kept',
      action: 'To keep it alive, run `keepalive add codex --id codex-default`.',
      offer: { plugin: 'codex', options: { id: 'codex-default' } },
    },
  ],
  [
    'the only login is in another home',
    { seen: none({ program }), kept: [{ id: 'codex-work', seen: login('/logins/work.json') }] },
    { status: 'kept', places: ['/logins/work.json'] },
  ],
  [
    'the login of its session is gone',
    { seen: none({ program }), kept: [{ id: 'codex', seen: none({ program }) }] },
    { status: 'signed-out', sessions: ['codex'], action: HINT },
  ],
])('a tool: %s', (_what, sight, expected) => {
  const tool = toolOf('codex', { displayName: 'Codex', seen: undefined, kept: [], isTaken: false, ...sight });
  expect(tool).toMatchObject({ plugin: 'codex', displayName: 'Codex', ...expected });
});
