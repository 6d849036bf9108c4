import type * as vscode from 'vscode';
import type { Choice } from '../../../plugins/ui-vscode/model.ts';
import type { VsCode } from '../../../plugins/ui-vscode/vscode.ts';

type Terminal = { readonly options: vscode.TerminalOptions; readonly typed: (readonly [string, boolean])[] };

type Answers = {
  /** Chooses from a list by the beginning of a label, without its icon. */
  readonly pick?: (title: string, labels: readonly string[]) => string | undefined;
  /** Presses a button of a message. */
  readonly press?: (text: string, labels: readonly string[]) => string | undefined;
  /** Types into an input box. */
  readonly type?: (options: vscode.InputBoxOptions) => string | undefined;
  readonly remote?: true;
};

class FakeCancellation {
  readonly #listeners = new Set<() => void>();
  readonly token = {
    isCancellationRequested: false,
    onCancellationRequested: (listener: () => void) => void this.#listeners.add(listener),
  };
  readonly cancel = () => {
    this.token.isCancellationRequested = true;
    for (const listener of this.#listeners) listener();
  };
}

const withoutIcon = (label: string): string => label.replace(/^\$\([\w~-]+\) /, '');

/** The part of the editor's API that the extension uses. It records what is shown, and answers from `answers`. */
export function fakeVsCode(answers: Answers = {}) {
  const focusListeners = new Set<(state: { readonly focused: boolean }) => void>();
  const editor = {
    item: {} as Partial<vscode.StatusBarItem>,
    isItemShown: false,
    redrawn: 0,
    lists: [] as (readonly string[])[],
    messages: [] as string[],
    details: [] as (string | undefined)[],
    errors: [] as string[],
    results: [] as string[],
    terminals: [] as Terminal[],
    browsed: [] as string[],
    copied: [] as string[],
    inputs: [] as vscode.InputBoxOptions[],
    progress: [] as string[],
    /** Closes the progress message. */
    closeProgress: () => {},
    memory: new Map<string, unknown>(),
    focus(focused: boolean) {
      api.window.state.focused = focused;
      for (const listener of focusListeners) listener({ focused });
    },
  };
  const message =
    (kept: string[]) =>
    async (text: string, ...more: readonly unknown[]) => {
      kept.push(text);
      const [options] = more;
      if (typeof options === 'object') editor.details.push((options as vscode.MessageOptions).detail);
      return answers.press?.(
        text,
        more.filter(label => typeof label === 'string'),
      );
    };
  const api = {
    StatusBarAlignment: { Left: 1, Right: 2 },
    ProgressLocation: { Window: 10, Notification: 15 },
    CancellationTokenSource: FakeCancellation,
    UIKind: { Desktop: 1, Web: 2 },
    ThemeColor: class {
      constructor(readonly id: string) {}
    },
    MarkdownString: class {
      isTrusted = undefined;
      constructor(
        readonly value: string,
        readonly supportThemeIcons: boolean,
      ) {}
    },
    Uri: { parse: (text: string) => ({ toString: () => text }) },
    env: {
      remoteName: answers.remote && 'ssh-remote',
      uiKind: 1,
      clipboard: { writeText: async (text: string) => void editor.copied.push(text) },
      openExternal: async (uri: object) => editor.browsed.push(String(uri)) > 0,
    },
    window: {
      state: { focused: true },
      onDidChangeWindowState(listener: (state: { readonly focused: boolean }) => void) {
        focusListeners.add(listener);
        return { dispose: () => focusListeners.delete(listener) };
      },
      createStatusBarItem: () =>
        Object.assign(editor.item, {
          show: () => {
            editor.isItemShown = true;
            editor.redrawn += 1;
          },
          dispose: () => void (editor.isItemShown = false),
        }),
      async showQuickPick(choices: readonly Choice[], { title }: { readonly title: string }) {
        const labels = choices.map(({ label }) => withoutIcon(label));
        editor.lists.push(labels);
        const chosen = answers.pick?.(title, labels);
        return choices.find(({ label }) => chosen !== undefined && withoutIcon(label).startsWith(chosen));
      },
      showWarningMessage: message(editor.messages),
      showInformationMessage: message(editor.messages),
      showErrorMessage: message(editor.errors),
      setStatusBarMessage: (text: string) => editor.results.push(text),
      async withProgress({ title }: vscode.ProgressOptions, task: (...given: readonly unknown[]) => Promise<unknown>) {
        const { token, cancel } = new FakeCancellation();
        editor.progress.push(title ?? '');
        editor.closeProgress = cancel;
        return task({ report: ({ message }: { readonly message: string }) => editor.progress.push(message) }, token);
      },
      async showInputBox(options: vscode.InputBoxOptions) {
        editor.inputs.push(options);
        return answers.type?.(options);
      },
      createTerminal(options: vscode.TerminalOptions) {
        const terminal: Terminal = { options, typed: [] };
        editor.terminals.push(terminal);
        return {
          show: () => undefined,
          sendText: (text: string, enter = true) => terminal.typed.push([text, enter]),
        };
      },
    },
  };
  const memory: vscode.Memento = {
    keys: () => [...editor.memory.keys()],
    get: <T>(key: string, usual?: T) => (editor.memory.get(key) ?? usual) as T,
    update: async (key, value) => void editor.memory.set(key, structuredClone(value)),
  };
  return { editor, memory, vscode: api as unknown as VsCode };
}
