import { AUGGIE } from './auggie.ts';
import { CLAUDE } from './claude.ts';
import { CODEX } from './codex.ts';
import { COPILOT } from './copilot.ts';
import { DROID } from './droid.ts';
import { GEMINI } from './gemini.ts';
import { GROK } from './grok.ts';
import type { VendorProgram } from './program.ts';

/** Every program that is tried. To add one, describe it in a file here. */
export const PROGRAMS: readonly VendorProgram[] = [CLAUDE, CODEX, GEMINI, GROK, DROID, AUGGIE, COPILOT];
