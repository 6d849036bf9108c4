import type { OptionEntry } from '../context/command.ts';
import { parseSpan } from '../context/options.ts';

export const DEFAULT_WAIT = '90s';

export const MIN: OptionEntry = {
  flags: '--min <duration>',
  about: 'how long each session has to last; what is due, or ends sooner, is renewed first',
  parse: parseSpan,
};

export const WAIT: OptionEntry = {
  flags: '--wait <duration>',
  about: 'how long that renewal may take',
  parse: parseSpan,
  initial: DEFAULT_WAIT,
};
