import { Script } from 'node:vm';
import { expect, test } from 'vitest';
import { asciiJson, numberItems } from '../../../plugins/ui-tray/macos/backend.ts';
import { SCRIPT } from '../../../plugins/ui-tray/macos/script.ts';

test('items with an action are numbered, including those in submenus', () => {
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

test('the script is valid JavaScript', () => {
  expect(() => new Script(SCRIPT)).not.toThrow();
});

test('what the script reads has no character of several bytes, which a pipe may divide', () => {
  const model = { title: 'Ausgewählt ❗ 日本 𝄞', items: [{ label: '"\\\n' }] };
  expect(asciiJson(model)).toMatch(/^[ -~]+$/);
  expect(JSON.parse(asciiJson(model))).toEqual(model);
});
