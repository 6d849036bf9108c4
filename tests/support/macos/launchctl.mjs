import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { readPlist } from './plist.mjs';
import { args, load, note, refuse, root, save } from './stand-in.mjs';

// Stands in for launchctl(1) of macOS 13 and newer, and for the launchd of one user.
const DOMAIN = `gui/${process.getuid()}`;
const jobFile = label => `launchd/${label}.json`;
const job = label => load(jobFile(label), undefined);
const isRemoved = label => existsSync(join(root, `launchd/${label}.removing`));

const TYPES = {
  Label: 'string',
  ProgramArguments: 'object',
  EnvironmentVariables: 'object',
  RunAtLoad: 'boolean',
  KeepAlive: 'object',
  ThrottleInterval: 'number',
  AbandonProcessGroup: 'boolean',
  ExitTimeOut: 'number',
  ProcessType: 'string',
};

function labelOf(target = '') {
  const [type, uid, label, ...more] = target.split('/');
  if (`${type}/${uid}` !== DOMAIN) refuse(125, `Domain does not support specified action`);
  if (more.length > 0 || label === '') refuse(64, 'Unrecognized target specifier.');
  return label;
}

function print(target) {
  const label = labelOf(target);
  if (label === undefined) return void process.stdout.write(`${DOMAIN} = {\n\ttype = login\n}\n`);
  const known = job(label);
  if (!known)
    refuse(113, 'Bad request.', `Could not find service "${label}" in domain for user gui: ${process.getuid()}`);
  const lines = [`path = ${known.path}`, `state = ${known.pid ? 'running' : 'not running'}`, `runs = ${known.runs}`];
  if (known.pid) lines.push(`pid = ${known.pid}`);
  lines.push(`last exit code = ${known.lastExitCode ?? '(never exited)'}`);
  process.stdout.write(`${target} = {\n${lines.map(line => `\t${line}\n`).join('')}}\n`);
}

function check(definition) {
  const problem = Object.entries(definition).find(([name, value]) => typeof value !== TYPES[name]);
  if (problem) refuse(5, 'Bootstrap failed: 5: Input/output error', `(unknown or mistyped key ${problem[0]})`);
  const { Label, ProgramArguments: words, EnvironmentVariables: variables } = definition;
  const texts = [...words, ...Object.values(variables)];
  const isSound =
    Label && Array.isArray(words) && isAbsolute(words[0]) && texts.every(text => typeof text === 'string');
  if (!isSound) refuse(5, 'Bootstrap failed: 5: Input/output error');
}

function bootstrap(domain, path) {
  labelOf(domain);
  if (!path || !isAbsolute(path) || !existsSync(path)) refuse(5, 'Bootstrap failed: 5: Input/output error');
  const { mode, uid } = statSync(path);
  if ((mode & 0o022) !== 0 || uid !== process.getuid()) refuse(122, 'Path had bad ownership/permissions');
  const definition = readPlist(path);
  if (!definition) refuse(5, 'Bootstrap failed: 5: Input/output error');
  check(definition);
  const { Label: label } = definition;
  if (load('launchd/disabled.json', []).includes(label)) refuse(119, 'Bootstrap failed: 119: Service is disabled');
  // A job that is being removed is still known.
  if (job(label)) refuse(isRemoved(label) ? 37 : 5, 'Bootstrap failed: 5: Input/output error');
  mkdirSync(join(root, 'launchd'), { recursive: true });
  save(jobFile(label), { path, definition, runs: 0, settings: load('launchd.json', {}) });
  const supervisor = join(import.meta.dirname, 'launchd-job.mjs');
  const running = spawn(process.execPath, [supervisor, root, label], { detached: true, stdio: 'ignore' });
  running.unref();
  writeFileSync(join(root, `launchd/${label}.supervisor`), String(running.pid));
}

function bootout(target) {
  const label = labelOf(target);
  if (!job(label)) refuse(3, 'Boot-out failed: 3: No such process');
  if (isRemoved(label)) refuse(36, 'Boot-out failed: 36: Operation now in progress');
  writeFileSync(join(root, `launchd/${label}.removing`), '');
}

function kickstart(...words) {
  const target = words.at(-1);
  const label = labelOf(target);
  if (!job(label)) refuse(113, `Could not find service "${label}" in domain for user gui: ${process.getuid()}`);
  if (words.length > 1 && words[0] !== '-k' && words[0] !== '-p') refuse(64, 'Usage: launchctl kickstart [-k] [-p]');
  if (job(label).pid && words[0] !== '-k') return;
  writeFileSync(join(root, `launchd/${label}.kick`), '');
}

const setDisabled = isDisabled => target => {
  const label = labelOf(target);
  const others = load('launchd/disabled.json', []).filter(other => other !== label);
  mkdirSync(join(root, 'launchd'), { recursive: true });
  save('launchd/disabled.json', isDisabled ? [...others, label] : others);
};

const COMMANDS = { print, bootstrap, bootout, kickstart, enable: setDisabled(false), disable: setDisabled(true) };

note('launchctl', args);
const [command = '', ...words] = args;
if (!Object.hasOwn(COMMANDS, command)) refuse(64, `Unrecognized subcommand: ${command}`);
COMMANDS[command](...words);
