import type { Command } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { renderFindings } from '../render/findings.ts';

export const doctor: Command = async ({ kernel, screen }) => {
  const findings = await (await kernel()).request('doctor/run');
  const errors = findings.filter(({ level }) => level === 'error').length;
  if (errors) screen.note(`doctor found ${errors} ${errors === 1 ? 'thing that needs' : 'things that need'} to be put right.`);
  return { document: findings, text: view => renderFindings(findings, view), exitCode: errors ? EXIT.failed : EXIT.fine };
};
