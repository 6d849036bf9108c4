import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Finding, KernelInfo, Tool } from '../../../../sdk/contract/rpc.ts';
import { findUserHome } from '../../../../sdk/system/home.ts';
import { attentionOf } from '../../../../sdk/wording/attention.ts';
import type { CommandResult, Command, CommandContext } from '../../context/command.ts';
import { EXIT } from '../../context/exit.ts';
import { renderFindings, summaryOf } from '../../render/findings.ts';
import { digestOf } from '../../render/board.ts';
import { renderHeadline } from '../../render/overview.ts';
import { renderTools, toolsOf } from '../../render/tools.ts';
import { besideService, HAND_OVER, installedHere } from '../../service/beside.ts';
import { lastRefusal } from '../../service/last-refusal.ts';
import { overviewOf } from '../../watch/load-overview.ts';

export const doctor: Command = async context => {
  const { kernel, screen, options } = context;
  const { bundle } = options;
  if (bundle) return writeBundle(context, bundle === true ? defaultName(context.now()) : bundle);
  const client = await kernel();
  const isRunning = client.origin !== undefined;
  const [found, tools, { daemon, ...overview }] = await Promise.all([
    client.request('doctor/run'),
    toolsOf(client),
    overviewOf(client),
  ]);
  const { sessions } = overview;
  const ofDaemon = isRunning ? await besideFindings(context, daemon) : [await notRunning(context)];
  const findings = [...ofDaemon, ...found];
  const needed = attentionOf(overview, context.now()).length;
  const summary = summaryOf(findings, { sessions: sessions.length, needed });
  const errors = findings.filter(({ level }) => level === 'error').length;
  return {
    document: findings,
    text: view =>
      [
        ...renderHeadline(digestOf({ ...overview, ...(isRunning && { daemon }) }, view.now), view),
        renderFindings(withoutTools(findings, tools), view, findUserHome(context.env)),
        renderTools(tools, 'full', view, { isRunning, hasSessions: sessions.length > 0 }),
        ...(errors ? [] : [summary]),
      ]
        .filter(text => text !== '')
        .join('\n\n'),
    exitCode: errors ? EXIT.failed : EXIT.fine,
    ...(errors && { afterwards: async () => screen.note(`${options.json ? '' : '\n'}${summary}`) }),
  };
};

async function besideFindings(context: CommandContext, daemon: KernelInfo | undefined): Promise<readonly Finding[]> {
  const message = daemon && (await besideService(context, daemon));
  return message === undefined ? [] : [{ level: 'warning', subject: 'daemon', message, action: HAND_OVER }];
}

/** An installed service should run, so its end is a problem. */
async function notRunning(context: CommandContext): Promise<Finding> {
  const [service, refusal] = await Promise.all([installedHere(context), lastRefusal(context.home.log)]);
  if (!service) return NOT_RUNNING;
  const why = refusal ? `. Its last start was refused: ${refusal.reason}` : '';
  const { manager, name } = service.registration;
  const message = `Keepalive is not running, although ${manager} should run it as ${name}${why}`;
  return { level: 'warning', subject: 'daemon', message, action: HAND_OVER };
}

const NOT_RUNNING: Finding = {
  level: 'info',
  subject: 'daemon',
  message: 'Keepalive is not running, so nothing is kept alive now',
  action: 'keepalive start',
};

/** The findings about tools without a session say what the list of the tools says. */
const withoutTools = (findings: readonly Finding[], tools: readonly Tool[]): readonly Finding[] => {
  const listed = new Set(tools.filter(({ sessions }) => sessions.length === 0).map(({ plugin }) => plugin));
  return findings.filter(({ subject }) => !listed.has(subject));
};

/** Writes a support file. An existing file is not overwritten. */
async function writeBundle({ kernel, env }: CommandContext, name: string): Promise<CommandResult> {
  const bundle = await (await kernel({ tolerant: true })).request('doctor/bundle');
  const file = resolve(name);
  // The daemon may have another environment than this shell.
  const text = JSON.stringify({ ...bundle, shell: Object.keys(env).toSorted() }, null, 2);
  await writeFile(file, `${text}\n`, { mode: 0o600, flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EEXIST' ? new Error(`${file} already exists; not overwritten.`) : error;
  });
  return {
    document: { file },
    text: () =>
      [
        `Written: ${file}`,
        'It contains no token, cookie or e-mail address, and only the names of environment variables.',
        'Review it before you share it.',
      ].join('\n'),
  };
}

const defaultName = (now: number): string =>
  `keepalive-support-${new Date(now).toISOString().slice(0, 19).replaceAll(/[:T]/g, '-')}.json`;
