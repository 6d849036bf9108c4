import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PromptFacts } from '../../../plugins/ui-cli/prompt/doubt.ts';
import { renderPrompt } from '../../../plugins/ui-cli/prompt/quick.ts';
import { readStates } from '../../../plugins/ui-cli/prompt/states-file.ts';
import { surveyOf } from '../../../plugins/ui-cli/prompt/summary.ts';
import type { TargetName } from '../../../plugins/ui-cli/prompt/targets.ts';
import type { Notice, SessionRecord, SessionState } from '../../../sdk/contract/session.ts';
import { parseMenu } from '../../support/bars/menu.ts';
import { steers, STEERING } from '../../support/io/steering.ts';
import { ALIVE, NOW } from './fake-kernel.ts';
import { temporaryFolder } from './run-cli.ts';

/** Text that means something to a shell, a bar or a terminal. */
const HOSTILE = [
  '$(id)',
  '`id`',
  '${IFS}',
  '; rm -rf ~',
  '\\u\\h\\[',
  '%F{red}%n',
  '%{F#f00}',
  '%%',
  '#[fg=red]',
  '#(id)',
  '#{pid}',
  '<b>',
  '&amp;',
  '"}',
  "'",
  '| bash=/bin/sh',
  '---',
  '--x',
  '\n---\nEvil | bash=/bin/sh',
  '\\n',
  '\t',
  '日本',
  '👩‍💻',
  ...STEERING.map(([, text]) => text),
];
const text = fc.oneof(
  fc.array(fc.constantFrom(...HOSTILE, 'codex'), { maxLength: 3 }).map(parts => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 12 }),
);
const notice: fc.Arbitrary<Notice> = fc.record({
  id: text,
  session: text,
  level: fc.constantFrom('warning', 'error'),
  code: fc.constantFrom('plugin-failed', 'port-taken', 'login-ends-soon', 'config-refused'),
  title: text,
  body: text,
  action: text,
  raisedAt: fc.constant(NOW),
});
const halted = text.map((hint): SessionState => ({ name: 'halted', why: 'login-required', hint, failures: 0 }));
const record: fc.Arbitrary<SessionRecord> = fc.record({
  displayName: text,
  state: fc.oneof(halted, fc.constant(ALIVE)),
});

const folder = temporaryFolder();

/** Checks what is printed for hostile state files. */
function always(holds: (facts: PromptFacts) => void): void {
  const sessions = fc.dictionary(text, record, { maxKeys: 4 });
  fc.assert(
    fc.property(sessions, fc.array(notice, { maxLength: 4 }), (sessions, notices) => {
      const file = join(folder, 'states.json');
      writeFileSync(file, JSON.stringify({ version: 1, sessions, notices }));
      holds({ states: readStates(file), daemon: 'running', now: NOW });
    }),
    { numRuns: 200 },
  );
}

const printed = (target: TargetName, facts: PromptFacts) =>
  renderPrompt(facts, { target, text: '{symbol} {summary}' }, { env: {}, home: undefined, colour: true });

/** Nothing in it means something to a shell, a bar or a markup language. */
const HARMLESS = /^[\w ./@●◌▲✗‖?-]*$/;

describe('with any content of a state file', () => {
  test('no value of a line has a character that means something to a shell or a bar', () => {
    always(facts => {
      const harmful = Object.entries(surveyOf(facts).values).filter(([, value]) => !HARMLESS.test(value));
      expect(harmful).toEqual([]);
    });
  });

  test('the JSON for waybar is one line, its tooltip has no markup, and nothing in it controls a terminal', () => {
    always(facts => {
      const line = printed('waybar', facts);
      const { text, tooltip } = JSON.parse(line);
      expect([line.includes('\n'), steers(text + tooltip), HARMLESS.test(text)]).toEqual([false, false, true]);
      expect(tooltip.replaceAll(/&(amp|lt|gt);/g, '')).not.toMatch(/[<>&]/);
    });
  });

  test('the menu for xbar has our commands, and no others', () => {
    always(facts => {
      const output = printed('xbar', facts);
      const { header, sections } = parseMenu(output);
      expect([header.length, sections.length <= 2, steers(output)]).toEqual([1, true, false]);
      const [about, actions = []] = [sections.slice(0, -1).flat(), sections.at(-1)];
      const otherParams = about.flatMap(({ params }) => Object.keys(params).filter(name => name !== 'color'));
      expect([otherParams, about.filter(({ depth }) => depth > 1)]).toEqual([[], []]);
      expect(actions.every(({ params }) => params['bash'] === process.execPath)).toBe(true);
    });
  });
});
