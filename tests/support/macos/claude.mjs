import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { args, load, note, refuse, root } from './stand-in.mjs';

// Stands in for claude as it is on a Mac: its login is a keychain item, and it writes its configuration at each start.
note('claude', args);
if (args[0] === '--version') {
  process.stdout.write('2.1.330 (Claude Code)\n');
  process.exit();
}
const security = (...words) => spawnSync(join(root, 'bin/security'), words, { encoding: 'utf8' });

const folder = process.env.CLAUDE_CONFIG_DIR;
const configuration = join(folder || homedir(), '.claude.json');
const known = () => (existsSync(configuration) ? JSON.parse(readFileSync(configuration, 'utf8')) : {});
const configure = more => writeFileSync(configuration, JSON.stringify({ ...known(), ...more }));
configure({ numStartups: (known().numStartups ?? 0) + 1 });
const hash = folder && createHash('sha256').update(folder.normalize('NFC')).digest('hex').slice(0, 8);
const item = ['-s', `Claude Code-credentials${hash ? `-${hash}` : ''}`, '-a', process.env.USER ?? 'claude-code-user'];
const store = secret => security('add-generic-password', '-U', ...item, '-X', Buffer.from(secret).toString('hex'));
if (args[0] === '/login') {
  store('signed in');
  configure({ oauthAccount: { emailAddress: 'you@example.com', accountUuid: 'CANARY-account' } });
  process.exit();
}
const { status } = security('find-generic-password', ...item, '-w');
if (status !== 0) refuse(1, 'Not logged in · Please run /login');
const { renews = true } = load('claude.json', {});
if (renews) store('renewed');
refuse(1, `No MCP server named "${args.at(-1)}".`);
