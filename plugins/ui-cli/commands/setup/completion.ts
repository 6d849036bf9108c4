import { bashScript } from '../../completion/bash.ts';
import { fishScript } from '../../completion/fish.ts';
import { powershellScript } from '../../completion/powershell.ts';
import { completionsOf, SHELLS, type Completions } from '../../completion/words.ts';
import { zshScript } from '../../completion/zsh.ts';
import type { Command } from '../../context/command.ts';
import { UsageError } from '../../context/options.ts';

const SCRIPTS: Readonly<Record<(typeof SHELLS)[number], (completions: Completions) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
  powershell: powershellScript,
};

export const completion: Command = async ({ args: [name = ''], commands }) => {
  const shell = SHELLS.find(known => known === name);
  if (!shell) throw new UsageError(`"${name}" is not a supported shell. Supported are ${SHELLS.join(', ')}.`);
  const script = SCRIPTS[shell](completionsOf(commands));
  return { document: { shell, script }, text: () => script.trimEnd() };
};
