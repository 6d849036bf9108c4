import type { Command } from '../command.ts';
import { bashScript } from '../completion/bash.ts';
import { fishScript } from '../completion/fish.ts';
import { SHELLS } from '../completion/words.ts';
import { zshScript } from '../completion/zsh.ts';
import { UsageError } from '../usage-error.ts';

const SCRIPTS: Readonly<Record<(typeof SHELLS)[number], () => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

export const completion: Command = async ({ args: [name = ''] }) => {
  const shell = SHELLS.find(known => known === name);
  if (!shell) throw new UsageError(`"${name}" is not a shell that is known here. Known are ${SHELLS.join(', ')}.`);
  const script = SCRIPTS[shell]();
  return { document: { shell, script }, text: () => script.trimEnd() };
};
