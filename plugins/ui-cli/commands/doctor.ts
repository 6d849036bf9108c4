import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Answer, Command, CommandContext } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { renderFindings } from '../render/findings.ts';

export const doctor: Command = async context => {
  const {
    kernel,
    screen,
    options: { bundle },
  } = context;
  if (bundle) return writeBundle(context, bundle === true ? defaultName(context.now()) : bundle);
  const findings = await (await kernel()).request('doctor/run');
  const errors = findings.filter(({ level }) => level === 'error').length;
  if (errors)
    screen.note(`doctor found ${errors} ${errors === 1 ? 'thing that needs' : 'things that need'} to be put right.`);
  return {
    document: findings,
    text: view => renderFindings(findings, view),
    exitCode: errors ? EXIT.failed : EXIT.fine,
  };
};

/** For someone who is asked for help. What is there already is left alone. */
async function writeBundle({ kernel, env }: CommandContext, name: string): Promise<Answer> {
  const bundle = await (await kernel({ tolerant: true })).request('doctor/bundle');
  const file = resolve(name);
  // The daemon may have been started elsewhere, and see another environment than this shell.
  const text = JSON.stringify({ ...bundle, shell: Object.keys(env).toSorted() }, null, 2);
  await writeFile(file, `${text}\n`, { mode: 0o600, flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EEXIST' ? new Error(`There is something already, and it is left alone: ${file}`) : error;
  });
  return {
    document: { file },
    text: () =>
      `Written: ${file}\nNo token, cookie or e-mail address is in it, and of the environment only the names. Look at it before you hand it on.`,
  };
}

const defaultName = (now: number): string =>
  `keepalive-support-${new Date(now).toISOString().slice(0, 19).replaceAll(/[:T]/g, '-')}.json`;
