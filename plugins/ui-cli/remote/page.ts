import { setImmediate } from 'node:timers/promises';
import { aborted } from '../../../sdk/base/aborted.ts';
import { isRecord } from '../../../sdk/base/json.ts';
import { checkPageLink } from '../../../sdk/client/page-link.ts';
import { LinkFiles } from '../../../sdk/system/link-files.ts';
import type { CommandContext, CommandResult } from '../context/command.ts';
import { EXIT } from '../context/exit.ts';
import { scriptFor, sshArguments } from './command-line.ts';
import { sshFailure } from './failure.ts';
import { openForward } from './forward.ts';
import { noteOn } from './note.ts';
import type { Place } from './place.ts';
import { NOT_CONNECTED, sshProgram, withLog, type SshLog } from './ssh.ts';

/** Opens the settings page of another machine, and keeps its port here until it is interrupted. */
export const openPage = (place: Place, context: CommandContext): Promise<CommandResult> =>
  withLog(async log => {
    const link = await askForLink(place, context, log);
    if (!('code' in link)) return link;
    const until = context.interrupted();
    const forward = await openForward({ host: place.host, port: link.port, log, context });
    const files = new LinkFiles(log.folder);
    try {
      await show(link, place, context, files);
      await Promise.race([forward.ended, aborted(until)]);
      // At Ctrl-C, ssh may end before its signal reaches us.
      await setImmediate();
      if (!until.aborted) throw sshFailure(place.host, await log.read());
    } finally {
      await forward.close();
      await files.removeAll();
    }
    return { document: undefined, text: () => '', exitCode: EXIT.fine };
  });

type Link = { readonly url: string; readonly origin: string; readonly code: string; readonly port: number };

/** The one-time link of the other side, or the answer of a command that did not print one. */
async function askForLink(place: Place, context: CommandContext, log: SshLog): Promise<Link | CommandResult> {
  const args = [...place.argv, ...(context.options.print ? [] : ['--print'])];
  const { file, argv } = sshProgram(
    sshArguments(place.host, scriptFor(place, args, {}), { logFile: log.file }),
    context,
  );
  const { execa } = await import('execa');
  const { exitCode = NOT_CONNECTED, stdout } = await execa(file, argv.slice(1), {
    stdio: ['ignore', 'pipe', 'inherit'],
    reject: false,
  });
  if (exitCode === NOT_CONNECTED) throw sshFailure(place.host, await log.read());
  if (exitCode === EXIT.fine) return linkIn(context.options.json ? urlOf(stdout) : stdout.trim());
  return (
    (await noteOn(exitCode, { place, name: 'ui', context })) ?? {
      document: undefined,
      text: () => '',
      raw: stdout && `${stdout}\n`,
      exitCode,
    }
  );
}

function urlOf(text: string): string {
  const document: unknown = JSON.parse(text);
  return isRecord(document) && typeof document['url'] === 'string' ? document['url'] : '';
}

/** Throws unless it leads to a port of this machine, which is what ssh forwards. */
function linkIn(text: string): Link {
  const [, origin, port] = /^(http:\/\/127\.0\.0\.1:(\d{1,5}))\/open\//.exec(text) ?? [];
  const url = checkPageLink({ url: text }, origin);
  return { url, origin: origin ?? '', code: url.slice(url.lastIndexOf('/') + 1), port: Number(port) };
}

/** Opens a file in the browser here, as the daemon there would: the link is in no argument. */
async function show(link: Link, { host }: Place, context: CommandContext, files: LinkFiles): Promise<void> {
  const { options, system, screen, env } = context;
  const { url, origin, code } = link;
  const opened = !options.print && (await system.openInBrowser(await files.write(origin, code), env));
  if (options.json) return screen.record({ url, opened });
  if (!opened && !options.print)
    screen.note('No browser could be opened here. Open this link within a minute; it works once.');
  screen.line(opened ? `The settings page of ${host} is open in your browser.` : url);
  screen.note('It works for as long as this command runs. Ctrl-C ends it.');
}
