import { expect, test } from 'vitest';
import { manPage } from '../../build/man-page.ts';
import { COMMANDS } from '../../plugins/ui-cli/commands/table.ts';

const page = manPage(COMMANDS, '1.2.3');

test('the manual page has every command', () => {
  const named = [...page.matchAll(/^\\fBkeepalive (.*)\\fR$/gm)].map(([, usage = '']) => usage.replaceAll('\\-', '-'));
  expect(named).toEqual(
    Object.values(COMMANDS)
      .flat()
      .map(({ usage }) => usage),
  );
});

test('text that man(7) would read as a command is escaped', () => {
  const load = () => Promise.reject(new Error('It is not loaded.'));
  const entry = { usage: 'x', about: '.hidden \\ and `--flag`', load };
  expect(manPage({ See: [entry] }, '1')).toContain('\n\\&.hidden \\e and \\fB\\-\\-flag\\fR.\n');
});
