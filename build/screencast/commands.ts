import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { withExampleHome, type ExampleEnvironment } from '../example-home.ts';
import { toSvg } from './svg.ts';
import { Recording } from './terminal.ts';

// Records docs/images/{gate,deadlines,notices,api,login}.svg: the real program in a real terminal, with made-up logins
// in a temporary home. The fourth one needs jq.

/** A line, and what runs instead of it if that differs. */
type Line = string | { readonly shown: string; readonly run: string };
type Cast = {
  readonly name: string;
  readonly title: string;
  readonly lines: readonly Line[];
  /** The height of the terminal. [ROWS] */
  readonly rows?: number;
};

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MAIN = join(ROOT, 'dist/plugins/ui-cli/main.js');
const CHECKED_MS = 8_000;

const CASTS: readonly Cast[] = [
  {
    name: 'gate',
    title: 'keepalive exec starts a command while its login lasts, and refuses it otherwise.',
    lines: [
      'keepalive exec --min 1h -- claude --version',
      'keepalive exec --min 30d -- claude --version; echo exit code $?',
    ],
  },
  {
    name: 'deadlines',
    title: 'keepalive add deadline adds a token, and keepalive deadlines lists the ends of all logins.',
    lines: [`keepalive add deadline --id npm-token expiresAt=2027-03-01 renew='npm login'`, 'keepalive deadlines'],
  },
  {
    name: 'notices',
    title: 'keepalive notify list shows where notices go, when, and which.',
    lines: ['keepalive notify list'],
  },
  {
    name: 'api',
    title: 'keepalive rpc calls a method, and keepalive events prints what happens.',
    lines: [
      `keepalive rpc session/list | jq -c '.[] | [.id, .state.name]'`,
      {
        shown: 'keepalive events | jq -c .method',
        run: 'keepalive refresh claude >/dev/null & timeout 4 keepalive events | jq -c .method',
      },
    ],
  },
  {
    name: 'login',
    title: 'keepalive login shows an address, its QR code and a code to enter, and ends with the session alive.',
    rows: 36,
    lines: [
      {
        shown: 'keepalive login tool --device',
        // The picture has no backgrounds, so the QR code is drawn as it is without colours.
        run: '(sleep 3; touch ~/tool/approved) & NO_COLOR=1 keepalive login tool --device --home ~/tool',
      },
    ],
  },
];

const CONFIG = {
  plugins: [
    'auto',
    ['notify-ntfy', { topic: 'example' }],
    ['notify-slack', { url: 'https://hooks.slack.com/services/example' }],
  ],
  notices: {
    quiet: { from: '22:00', to: '07:00', except: ['login-required'] },
    routes: { 'notify-slack': { sessions: ['claude'], levels: ['error'] } },
  },
};

/** A tool in a home of keepalive alone. Its sign-in ends when a file appears. */
function putTool({ HOME }: ExampleEnvironment): void {
  const folder = join(HOME, 'tool');
  const plugin = join(ROOT, 'tests/support/sign-in/vendor-tool.mjs');
  const options = { folder, address: 'https://vendor.example/device', userCode: 'WDJB-MJHT' };
  const put = (name: string, value: object) =>
    writeFileSync(join(folder, name), JSON.stringify(value), { mode: 0o600 });
  mkdirSync(folder, { mode: 0o700 });
  put('login.json', { account: 'm…@example.com', token: 'old', dead: true });
  put('keepalive.config.json', { plugins: [[plugin, options]] });
}

function putCommand({ HOME, KEEPALIVE_HOME }: ExampleEnvironment): void {
  mkdirSync(KEEPALIVE_HOME, { recursive: true, mode: 0o700 });
  writeFileSync(join(KEEPALIVE_HOME, 'keepalive.config.json'), JSON.stringify(CONFIG), { mode: 0o600 });
  writeFileSync(join(HOME, 'bin/keepalive'), `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`, { mode: 0o700 });
}

/** Types each line into a shell. One that fails has its own exit code. */
async function record({ name, title, lines, rows }: Cast, env: ExampleEnvironment): Promise<void> {
  const recording = new Recording(env, rows);
  for (const line of lines) {
    const { shown, run } = typeof line === 'string' ? { shown: line, run: line } : line;
    await recording.run(shown, ['/bin/sh', '-c', `${run}; :`], 3_500);
  }
  recording.wait(3_000);
  const file = join(ROOT, `docs/images/${name}.svg`);
  writeFileSync(file, toSvg(recording.frames, recording.durationMs, title));
  process.stdout.write(`${file}\n`);
}

await withExampleHome(async env => {
  putCommand(env);
  putTool(env);
  const daemon = new Recording(env);
  try {
    await daemon.run('', ['keepalive', 'start'], 0);
    await sleep(CHECKED_MS);
    for (const cast of CASTS) await record(cast, env);
  } finally {
    await daemon.run('', ['keepalive', 'stop'], 0).catch(() => undefined);
  }
});
