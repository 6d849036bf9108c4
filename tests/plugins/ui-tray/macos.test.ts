import { Script } from 'node:vm';
import { expect, test } from 'vitest';
import { numberItems } from '../../../plugins/ui-tray/macos/backend.ts';
import { SCRIPT } from '../../../plugins/ui-tray/macos/script.ts';

test('what is sent to the menu bar has the numbers of its actions, submenus included', () => {
  const { shown, actions } = numberItems({
    title: 'Keeping 1 session alive',
    icon: 'quiet',
    items: [
      {
        label: 'Mine',
        items: [{ label: 'Refresh now', action: { do: 'refresh', ids: ['mine'] } }, { separator: true }],
      },
      { label: 'Quit', action: { do: 'quit' } },
    ],
  });
  expect(shown).toEqual({
    title: 'Keeping 1 session alive',
    items: [
      { label: 'Mine', items: [{ label: 'Refresh now', number: 1 }, { separator: true }] },
      { label: 'Quit', number: 2 },
    ],
  });
  expect(actions).toEqual([{ do: 'refresh', ids: ['mine'] }, { do: 'quit' }]);
});

test('the script is JavaScript, as far as can be told without a Mac', () => {
  expect(() => new Script(SCRIPT)).not.toThrow();
});
