import { PROGRAMS } from './programs/index.ts';
import type { VendorProgram } from './programs/program.ts';

/** A program, and one release of it or all that are installed. */
export type Wanted = { readonly program: VendorProgram; readonly release?: string | undefined };

/** Reads `claude` and `claude@2.1.332`. Nothing stands for all programs. */
export function readWanted(names: readonly string[]): readonly Wanted[] {
  if (names.length === 0) return PROGRAMS.map(program => ({ program }));
  return names.map(text => {
    const [name, release] = text.split('@');
    const program = PROGRAMS.find(known => known.name === name);
    if (!program) throw new Error(`There is no ${name}. There are ${PROGRAMS.map(known => known.name).join(', ')}.`);
    return { program, release };
  });
}
