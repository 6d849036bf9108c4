import type * as vscode from 'vscode';
import type { Action, Choice } from './model.ts';

/** The API of the editor. It is handed in, because the module exists only inside an editor. */
export type VsCode = typeof vscode;

/** What the user chose from a list. Undefined if the user left it. */
export async function pick<A extends Action>(
  { window }: VsCode,
  title: string,
  choices: readonly Choice<A>[],
): Promise<A | undefined> {
  const chosen = await window.showQuickPick(choices, { title, matchOnDescription: true, matchOnDetail: true });
  return chosen?.action;
}
