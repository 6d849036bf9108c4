import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { args, note, refuse } from './stand-in.mjs';

// Stands in for open(1) as we may use it: it takes the absolute path of a file, and nothing that may be an option.
note('open', args);
const [target = ''] = args;
if (target.startsWith('-')) refuse(1, `open: unrecognized option \`${target}'`, 'Usage: open [-e] [-t] [-f] [-W] ...');
if (args.length !== 1) refuse(1, 'open: one file was expected');
if (!isAbsolute(target)) refuse(1, `open: ${target} would depend on the working directory, or be an address`);
if (!existsSync(target)) refuse(1, `The file ${target} does not exist.`);
