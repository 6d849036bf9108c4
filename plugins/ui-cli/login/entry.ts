/** A code that a user types or pastes. It is not shown. */
export type Entry = {
  readonly text: string;
  /** Within a paste, a line break is no Enter: a long code may have been broken where it was copied. */
  readonly isPasting: boolean;
};

export const NO_ENTRY: Entry = { text: '', isPasting: false };

type Typed = {
  readonly entry: Entry;
  /** The whole code, once Enter is pressed. */
  readonly entered?: string;
};

/** What a key makes of the entry. `text` is what the key types. */
export function typeKey(entry: Entry, key: string, text: string): Typed {
  switch (key) {
    case 'paste-start':
      return { entry: { ...entry, isPasting: true } };
    case 'paste-end':
      return { entry: { ...entry, isPasting: false } };
    case 'return':
    case 'enter': {
      const code = entry.text.trim();
      return entry.isPasting || code === '' ? { entry } : { entry: NO_ENTRY, entered: code };
    }
    case 'backspace':
      return { entry: { ...entry, text: [...entry.text].slice(0, -1).join('') } };
    case 'escape':
      return { entry: NO_ENTRY };
    default:
      return /^\P{Cc}+$/u.test(text) ? { entry: { ...entry, text: entry.text + text } } : { entry };
  }
}
