import type { CommandContext, CommandResult } from '../context/command.ts';
import { EXIT } from '../context/exit.ts';
import { NOT_FOUND } from '../gate/find-program.ts';
import { oneLine } from '../render/width.ts';
import { VERSION } from '../render/sentences.ts';
import { quote } from './command-line.ts';
import type { Place } from './place.ts';
import { versionThere } from './version.ts';

type Finished = { readonly place: Place; readonly name: string; readonly context: CommandContext };

/** Says what an exit code means if the reason is the other machine. Undefined if there is nothing to add to it. */
export async function noteOn(exitCode: number, finished: Finished): Promise<CommandResult | undefined> {
  const { place, name, context } = finished;
  const say = (text: string) => void (context.options.json || context.screen.note(oneLine(text)));
  switch (exitCode) {
    case EXIT.usage: {
      const { version } = await versionThere(place, context);
      if (version !== undefined && version !== VERSION)
        say(`keepalive is ${VERSION} here and ${version} on ${place.host}. Update the older one.`);
      return undefined;
    }
    case EXIT.noDaemon:
      if (name !== 'exec') say(`This is about ${place.host}: \`${commandOn(place, 'start')}\` starts a daemon there.`);
      return undefined;
    case NOT_FOUND:
      // What `exec` is to start may be missing there.
      if (name === 'exec' && !(await versionThere(place, context)).isMissing) return undefined;
      say(missing(place));
      return { document: documentOf(place), text: () => '', exitCode };
    default:
      return undefined;
  }
}

const missing = ({ host, remoteCommand }: Place): string =>
  `\`${remoteCommand}\` was not found on ${host}. Install Session Keepalive there, or say what starts it, as in ` +
  `--remote-command '~/.local/bin/keepalive' or --remote-command 'npx session-keepalive'.`;

const documentOf = (place: Place): object => ({
  error: { code: 'failed', message: missing(place), details: { host: place.host } },
});

const commandOn = ({ host, remoteCommand }: Place, name: string): string =>
  `keepalive ${name} --host ${host}${remoteCommand === 'keepalive' ? '' : ` --remote-command ${word(remoteCommand)}`}`;

const word = (text: string): string => (/^[\w./~-]+$/.test(text) ? text : quote(text));
