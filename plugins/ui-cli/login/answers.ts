import type { Keyboard } from '../context/keyboard.ts';
import { NO_ENTRY, typeKey } from './entry.ts';

/** What a sign-in asks: for the vendor's code, or whether to keep another account. */
export type Question = 'code' | 'confirm';

/** Where the user's answers come from. */
export interface Answers {
  /** How many characters of a code are typed. They are not shown. */
  readonly typed: number;
  /** Resolves with the answer; undefined at the end of the input. */
  next(question: Question): Promise<string | undefined>;
  end(): void;
}

const REFUSE = 'refuse';
const KEEP = 'keep';

type OnKeys = {
  /** Called when a key has changed what is typed. */
  readonly onChange: () => void;
  readonly onForeground: (isInForeground: boolean) => void;
};

/** Keys of a terminal, which shows none of them. */
export function answersByKeys(keyboard: Keyboard, { onChange, onForeground }: OnKeys): Answers {
  let entry = NO_ENTRY;
  let waiting: { readonly question: Question; readonly resolve: (text: string) => void } | undefined;
  const answer = (text: string) => {
    const { resolve } = waiting ?? {};
    waiting = undefined;
    resolve?.(text);
  };
  const onKey = (key: string, text: string) => {
    if (waiting?.question === 'confirm') {
      if (key === 'y') answer(KEEP);
      else if (['n', 'return', 'escape'].includes(key)) answer(REFUSE);
    } else if (waiting) {
      const typed = typeKey(entry, key, text);
      entry = typed.entry;
      onChange();
      if (typed.entered !== undefined) answer(typed.entered);
    }
  };
  const unlisten = keyboard.listen(onKey, onForeground);
  return {
    get typed() {
      return [...entry.text].length;
    },
    next: question =>
      new Promise(resolve => {
        entry = NO_ENTRY;
        waiting = { question, resolve };
      }),
    end: () => void unlisten(),
  };
}

/** Lines of an input that is no terminal. None is read before it is needed. */
export function answersByLines(lines: AsyncGenerator<string>): Answers {
  return {
    typed: 0,
    async next(question) {
      for (;;) {
        const { value, done } = await lines.next();
        const text = done ? '' : value.trim();
        if (question === 'confirm') return /^(keep|y|yes)$/i.test(text) ? KEEP : REFUSE;
        if (done) return undefined;
        if (text !== '') return text;
      }
    },
    end: () => void lines.return(undefined),
  };
}
