import { describe, expect, test } from 'vitest';
import { usualHome as claudeHome } from '../../../plugins/claude/index.ts';
import { usualHome as codexHome } from '../../../plugins/codex/index.ts';
import { additionOf, commandOf, formsFor, missingIn } from '../../../plugins/ui-web/page/format/addition-forms.ts';
import { ADDABLE } from '../../../sdk/plugin/addable.ts';
import { describeDeliveries, describePlaces } from '../../../plugins/ui-web/page/format/delivery.ts';
import { problemAt } from '../../../plugins/ui-web/page/format/error.ts';
import { FIELDS } from '../../../plugins/ui-web/page/format/policy-fields.ts';
import { describeValue } from '../../../plugins/ui-web/page/format/policy-values.ts';
import { countdown, isShortWait } from '../../../plugins/ui-web/page/format/refresh.ts';
import { remedyOf, remedyOfNotice, whyOff } from '../../../plugins/ui-web/page/format/remedies.ts';
import { otherTools, summaryOf } from '../../../plugins/ui-web/page/format/tools.ts';
import { DEFAULT_POLICY } from '../../../sdk/contract/policy.ts';
import { policyPatchSchema, policyShape } from '../../../sdk/contract/policy-schema.ts';
import type { NotifierInfo, Tool } from '../../../sdk/contract/rpc.ts';
import type { Notice, SessionState } from '../../../sdk/contract/session.ts';
import { ALIVE, FAILING, GAVE_UP, HOUR, LOGIN, NOW, OFFLINE, PAUSED, session } from '../ui-cli/fake-kernel.ts';

describe('the values of a policy', () => {
  const textOf = (key: string) => {
    const field = FIELDS.find(one => one.key === key);
    if (field?.kind !== 'text') throw new Error(`There is no text field ${key}.`);
    return field;
  };

  test('every member has a field, but for the two that have their own controls', () => {
    const members = new Set(FIELDS.map(({ key }) => key.split('.')[0]));
    expect(new Set([...members, 'enabled', 'schedule'])).toEqual(new Set(Object.keys(policyShape)));
  });

  test.each(FIELDS.flatMap(field => (field.kind === 'text' ? [[field.key, field] as const] : [])))(
    '%s: what it shows is what it reads',
    (_key, field) => {
      const parsed = field.parse(field.show(DEFAULT_POLICY), DEFAULT_POLICY);
      if ('problem' in parsed) throw new Error(parsed.problem);
      expect({ ...DEFAULT_POLICY, ...parsed.patch }).toEqual(DEFAULT_POLICY);
    },
  );

  test.each<[string, string, object]>([
    ['refreshBefore', '10 min', { refreshBefore: '10m' }],
    ['refreshBefore', '0s', { refreshBefore: '0s' }],
    ['retries', '0', { retries: 0 }],
    ['backoff.factor', '1,5', { backoff: { ...DEFAULT_POLICY.backoff, factor: 1.5 } }],
    ['backoff.max', '1 hour', { backoff: { ...DEFAULT_POLICY.backoff, max: '1h' } }],
    ['jitter', '25 %', { jitter: 0.25 }],
    ['jitter', '0', { jitter: 0 }],
    ['warn', '30 days, 7d,1 h', { warn: ['30d', '7d', '1h'] }],
    ['warn', ' none', { warn: [] }],
    ['warn', '', { warn: [] }],
  ])('%s: %o is understood', (key, text, patch) => {
    expect(textOf(key).parse(text, DEFAULT_POLICY)).toEqual({ patch });
    expect(policyPatchSchema.safeParse(patch).success).toBe(true);
  });

  test.each([
    ['minInterval', '10 ms', 'At least 100 ms.'],
    ['timeout', '30 days', 'At most 24 days.'],
    ['refreshBefore', '2 years', 'Write a number and a unit, such as 90 s, 5 min, 2 h or 1 day.'],
    ['retries', '1.5', 'Write a whole number from 0 to 100.'],
    ['maxFailures', '0', 'Write a whole number from 1 to 1000.'],
    ['backoff.factor', '0.5', 'Write a number from 1 to 100.'],
    ['warn', 'soon', 'Write a number and a unit, such as 90 s, 5 min, 2 h or 1 day. Put commas between several.'],
    ['warn', '7 days, ', 'Write a number and a unit, such as 90 s, 5 min, 2 h or 1 day. Put commas between several.'],
    ['warn', '10 ms', 'At least 100 ms.'],
    ['warn', '1d,2d,3d,4d,5d,6d,7d,8d,9d,10d,11d', 'At most 10 durations.'],
    ['jitter', '200 %', 'Write a percentage from 0 to 100, such as 10 %.'],
  ])('%s: %o is not sent, and the user reads what to write', (key, text, problem) => {
    expect(textOf(key).parse(text, DEFAULT_POLICY)).toEqual({ problem });
  });

  test.each([
    ['schedule', { mode: 'daily', at: '09:00' }, 'daily at 09:00'],
    ['backoff', { initial: '2m', factor: 2, max: '30m' }, '2 min · 2 · 30 min'],
    ['account', false, 'no'],
    ['jitter', 0.1, '10 %'],
    ['warn', ['7d', '1h'], '7 days, 1 h'],
    ['warn', [], 'none'],
  ])('%s is shown in words', (key, value, text) => {
    expect(describeValue(key, value)).toBe(text);
  });
});

describe('the button for a state', () => {
  const DISABLED: SessionState = { name: 'halted', why: 'paused', hint: '', failures: 0, disabled: true };

  test.each<[string, SessionState, string | undefined]>([
    ['alive', ALIVE, undefined],
    ['offline', OFFLINE, undefined],
    ['failing', FAILING, 'Try again'],
    ['gave up', GAVE_UP, 'Try again'],
    ['paused', PAUSED, 'Resume'],
    ['disabled, which has a switch', DISABLED, undefined],
    ['a login is required', LOGIN, 'I signed in: check again'],
  ])('%s', (_what, state, label) => {
    expect(remedyOf(session('a', state))?.label).toBe(label);
  });

  test.each<[Notice['code'], string | undefined]>([
    ['failing', 'Try again'],
    ['login-ends-soon', 'I signed in: check again'],
    ['config-refused', 'Read the configuration again'],
    ['plugin-failed', 'Read the configuration again'],
  ])('the button for the notice %s', (code, label) => {
    const notice: Notice = { id: 'a', session: 'a', level: 'error', code, title: '', body: '', raisedAt: NOW };
    expect(remedyOfNotice(notice, session('a', GAVE_UP))?.label).toBe(label);
  });

  test('the reason for a switched-off session is the place where it was switched off', () => {
    expect([
      whyOff({ origin: 'settings' }, '/c.json'),
      whyOff({ origin: 'session' }, '/c.json'),
      whyOff({ origin: 'provider' }, null),
    ]).toEqual([
      'You switched this session off here.',
      '/c.json switches this session off (enabled: false).',
      'Its plugin switches this session off.',
    ]);
  });
});

test.each([
  [8_400, 'Renewing in 9 s…', true],
  [100, 'Renewing…', true],
  [HOUR, 'Renewing in 1 h…', false],
])('a wait of %i ms', (ms, text, isShort) => {
  expect([countdown(NOW + ms, NOW), isShortWait(NOW + ms, NOW)]).toEqual([text, isShort]);
});

describe('the form for a new session', () => {
  const formOf = (plugin: string) => {
    const form = formsFor([]).find(one => one.plugin === plugin);
    if (!form) throw new Error(`There is no form for ${plugin}.`);
    return form;
  };

  test('makes what the daemon takes', () => {
    const form = formOf('codex');
    const texts = { id: ' codex-work ', home: '~/.codex-work' };
    expect([form.inTerminal, missingIn(form, texts), additionOf(form, texts)]).toEqual([
      undefined,
      [],
      { plugin: 'codex', options: { id: 'codex-work', home: '~/.codex-work' } },
    ]);
  });

  test.each<[string, Readonly<Record<string, string>>, string]>([
    [
      'oauth',
      {
        id: 'acme',
        displayName: '',
        file: '~/t.json',
        tokenEndpoint: 'https://a.example/t?x=1&y=2',
        clientId: 'c',
        'paths.access': 'a',
        'paths.refresh': 'r',
      },
      "keepalive add oauth --id acme file=~/t.json 'tokenEndpoint=https://a.example/t?x=1&y=2' clientId=c " +
        'paths.access=a paths.refresh=r',
    ],
    [
      'command',
      { id: 'acme', displayName: "It's", run: 'acme "two words"' },
      `keepalive add command --id acme 'displayName=It'\\''s' 'run=["acme","two words"]'`,
    ],
    ['command', { id: 'acme', run: 'acme auth touch' }, "keepalive add command --id acme 'run=acme auth touch'"],
    [
      'cookies',
      { id: 'acme', jar: '~/c.txt', ping: 'https://a.example/', 'alive.json': 'user' },
      'keepalive add cookies --id acme jar=~/c.txt ping=https://a.example/ alive.json=user',
    ],
  ])('of %s makes a command for a terminal', (plugin, texts, command) => {
    const form = formOf(plugin);
    expect([form.inTerminal, missingIn(form, texts), commandOf(form, texts)]).toEqual([true, [], command]);
  });

  test('fields that are needed are named', () => {
    expect(missingIn(formOf('codex'), { id: ' ' })).toEqual(['id', 'home']);
  });

  test('a problem is found by the end of its path', () => {
    const problems = [
      { path: 'plugins[3][1].tokenEndpoint', message: 'no' },
      { path: 'options.run.0', message: 'none' },
    ];
    expect(['tokenEndpoint', 'run', 'file'].map(key => problemAt(problems, key))).toEqual(['no', 'none', undefined]);
  });
});

describe('where notices go', () => {
  const notifier = (id: string, status: NotifierInfo['status']): NotifierInfo => ({ id, place: `at ${id}`, status });

  test.each<[readonly NotifierInfo[], string]>([
    [[], 'Notices appear only on this page and in `keepalive status`.'],
    [[notifier('a', 'off')], 'Notices appear only on this page and in `keepalive status`.'],
    [[notifier('a', 'on'), notifier('b', 'on')], 'Notices appear at a and at b, and on this page.'],
  ])('%o', (notifiers, sentence) => {
    expect(describePlaces(notifiers)).toBe(sentence);
  });

  test('the result of a test says what was sent, and why something was not', () => {
    const deliveries = [
      { id: 'a', delivered: true },
      { id: 'b', delivered: false, reason: 'It answered 500.' },
    ];
    expect(describeDeliveries(deliveries, [notifier('a', 'on'), notifier('b', 'on')])).toBe(
      'A test notice was sent at a. No test notice was sent at b: It answered 500.',
    );
  });
});

test('what can be kept alive comes first among the other tools', () => {
  const tool = (plugin: string, status: Tool['status']): Tool => ({
    plugin,
    displayName: plugin,
    status,
    places: [],
    sessions: [],
  });
  const others = otherTools([tool('a', 'kept'), tool('b', 'missing'), tool('c', 'not-kept')]);
  expect(others.map(({ plugin }) => plugin)).toEqual(['c', 'b']);
  expect(summaryOf(others)).toBe('Other tools: 1 signed in, but not kept alive');
});

describe('the forms to add a session', () => {
  const forms = formsFor([]);

  test.each(forms.map(form => [form.plugin, form] as const))(
    'ask %s only for options that it has, and for all that it needs',
    (plugin, { fields }) => {
      const options = ADDABLE.find(one => one.plugin === plugin)?.options ?? [];
      const known = ['id', ...options.map(({ name }) => name)];
      expect(fields.map(({ key }) => key).filter(key => !known.includes(key))).toEqual([]);
      const needed = options.filter(({ required }) => required).map(({ name }) => name);
      const asked = fields.filter(({ optional }) => !optional).map(({ key }) => key);
      expect(needed.filter(name => !asked.includes(name))).toEqual([]);
    },
  );

  test('name the usual folder of each tool as its provider does', () => {
    for (const [plugin, usualHome] of Object.entries({ claude: claudeHome, codex: codexHome }))
      expect(forms.find(form => form.plugin === plugin)?.fields.at(-1)?.hint).toContain(`as ${usualHome} does`);
  });
});
