import { isPlaceholder, PLACEHOLDERS, placeholdersIn } from './placeholders.ts';
import { DEFAULT_TEXT } from './summary.ts';
import { isTarget, TARGETS, type TargetName } from './targets.ts';

/** What `--format` asks for. */
export type Format = { readonly target: TargetName; readonly text: string };

const ALL = Object.keys(PLACEHOLDERS)
  .map(name => `{${name}}`)
  .join(' ');

/** What a format is, in words. */
export const FORMATS = [
  `one of ${Object.keys(TARGETS).join(', ')}`,
  `a text with some of ${ALL}`,
  'or both, as in tmux:{alive}/{total}',
].join('; ');

/** Reads a format, or says what is wrong with it. */
export function parseFormat(format: string | undefined): Format | { readonly problem: string } {
  if (format === undefined) return { target: 'text', text: DEFAULT_TEXT };
  const [, name = '', text = ''] = /^([\w-]+)(?::(.*))?$/s.exec(format) ?? [];
  const parsed: Format = isTarget(name)
    ? { target: name, text: text || DEFAULT_TEXT }
    : { target: 'text', text: format };
  const names = placeholdersIn(parsed.text);
  const unknown = names.find(candidate => !isPlaceholder(candidate));
  if (unknown !== undefined) return { problem: `There is no placeholder {${unknown}}. There are: ${ALL}` };
  // A text that is always the same is a mistake: the name of another program.
  return format === '' || names.length > 0
    ? parsed
    : { problem: `"${format}" is not a format. A format is ${FORMATS}` };
}
