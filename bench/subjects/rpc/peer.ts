import { once } from 'node:events';
import { answersFrom, type Known, type Serve } from './answers.ts';

// A process with one server of another library, which ends with its parent. Its argument names the library.

const { serve }: { readonly serve: Serve } = await import(`./${process.argv[2]}.js`);
const [known] = (await once(process, 'message')) as [Known];
const server = await serve(answersFrom(known, session => server.announce(session)));
process.send?.(server.port);
process.on('disconnect', () => process.exit());
