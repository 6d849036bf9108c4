// Runs in a Windows Node. Tries single modules, and prints what it saw as JSON.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';

const [modules, tools] = process.argv.slice(2);
const load = path => import(pathToFileURL(`${modules}/${path}`).href);
const { createExec } = await load('runtime/capabilities/exec.js');
const { writeDurably } = await load('runtime/files/durable.js');
const { readPlainFile } = await load('sdk/system/plain-file.js');
const { watchFile } = await load('runtime/files/watch-file.js');

const koffi = createRequire(`${tools}/package.json`)('koffi');
const kernel32 = koffi.load('kernel32.dll');
const CreateFileW = kernel32.func('intptr_t CreateFileW(str16, uint32, uint32, void*, uint32, uint32, intptr_t)');
const CloseHandle = kernel32.func('int CloseHandle(intptr_t)');

/** Holds a file for a moment, without letting others read or replace it. */
function hold(path, ms) {
  const handle = CreateFileW(path, 0x80000000, 0, null, 3, 0x80, 0);
  setTimeout(() => CloseHandle(handle), ms);
  return handle !== -1;
}

const exec = createExec({ workDir: 'C:\\k\\work', env: process.env });
const seen = {};

writeFileSync('C:\\k\\echo.js', 'console.log(JSON.stringify(process.argv.slice(2)))');
writeFileSync('C:\\k\\echo.cmd', `@"${process.execPath}" "C:\\k\\echo.js" %*\r\n`);
const odd = ['a b', 'x&y', '"q"', '100%', 'back\\'];
seen.direct = JSON.parse((await exec(process.execPath, ['C:\\k\\echo.js', ...odd])).stdout);
seen.shim = JSON.parse((await exec('C:\\k\\echo.cmd', ['plain', 'x=1', '--flag'])).stdout);

// It finishes only if nothing interrupts it after its time limit.
const SLOW = file => `setTimeout(() => require('fs').writeFileSync('${file}', 'renewed'), 3000)`;
writeFileSync('C:\\k\\slow.js', SLOW('C:/k/behind-shim'));
writeFileSync('C:\\k\\slow.cmd', `@"${process.execPath}" "C:\\k\\slow.js" %*\r\n`);
const limits = { timeoutMs: 500, graceMs: 60_000 };
const direct = await exec(process.execPath, ['-e', SLOW('C:/k/direct')], limits);
const shim = await exec('C:\\k\\slow.cmd', [], limits);
seen.grace = [direct.timedOut, existsSync('C:/k/direct'), shim.timedOut, existsSync('C:/k/behind-shim')];

writeFileSync('C:\\k\\held.json', 'content');
seen.isHeld = hold('C:\\k\\held.json', 300);
seen.heldRead = String(await readPlainFile('C:\\k\\held.json'));
seen.isRead = hold('C:\\k\\held.json', 300);
await writeDurably('C:\\k\\held.json', 'newer');
seen.heldWrite = readFileSync('C:\\k\\held.json', 'utf8');

let changed;
const noticed = new Promise(resolve => (changed = resolve));
const stop = watchFile('C:\\k\\watched\\login.json', () => changed('noticed'));
await sleep(500);
await (await import('node:fs/promises')).mkdir('C:\\k\\watched', { recursive: true });
writeFileSync('C:\\k\\watched\\login.json', '{}');
seen.watch = await Promise.race([noticed, sleep(20_000, 'not noticed')]);
await stop();

process.stdout.write(JSON.stringify(seen), () => process.exit());
