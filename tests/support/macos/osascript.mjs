import { args, getopt, note, refuse } from './stand-in.mjs';

// Stands in for osascript(1): AppleScript as far as it shows a notification, and JavaScript with a menu bar.
const { found, rest } = getopt(args, 'els', 'i', word => refuse(64, `osascript: illegal option -- ${word}`));
const script = found.e?.join('\n');
if (script === undefined) refuse(64, 'osascript: a script file was not expected');
note('osascript', { language: found.l?.[0] ?? 'AppleScript', script, args: rest });

const STRING = String.raw`"(?:[^"\\]|\\.)*"`;
const VALUE = `(?:${STRING}|\\(item \\d+ of argv\\))`;
const NOTIFICATION = new RegExp(
  `^display notification (${VALUE})(?: with title (${VALUE}))?(?: subtitle (${VALUE}))?(?: sound name (${VALUE}))?$`,
);

function read(value) {
  const [, number] = /^\(item (\d+) of argv\)$/.exec(value) ?? [];
  if (number === undefined) return JSON.parse(value);
  const item = rest[Number(number) - 1];
  if (item === undefined) refuse(1, `execution error: Can’t get item ${number} of ${rest.length} items. (-1728)`);
  return item;
}

function appleScript(lines) {
  const [first, ...statements] = lines;
  if (first !== 'on run argv' || statements.pop() !== 'end run')
    refuse(1, 'syntax error: Expected a run handler. (-2741)');
  for (const statement of statements) {
    const [, text, title, subtitle] = NOTIFICATION.exec(statement.trim()) ?? [];
    // What a text may have smuggled in ends here, as a script that was not meant.
    if (text === undefined) refuse(1, `syntax error: ${statement} (-2741)`);
    note('notifications', { text: read(text), title: title && read(title), subtitle: subtitle && read(subtitle) });
  }
}

if (found.l?.[0] === 'JavaScript') (await import('./menu-bar.mjs')).runScript(script, rest);
else appleScript(script.split('\n'));
