import { execFile, spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { environment, KEEPALIVE, untilSession } from '../support/daemon/daemon.ts';
import { daemonWithRawClient } from '../support/daemon/raw-client.ts';
import { snippets } from '../support/docs/markdown.ts';
import { readText } from '../support/sources.ts';

const run = promisify(execFile);

let door: Awaited<ReturnType<typeof daemonWithRawClient>>;
let home: string;
beforeAll(async () => {
  door = await daemonWithRawClient();
  ({ home } = await door.daemon.client.request('kernel/info'));
  await untilSession(door.daemon, 'mine', ({ state }) => state.name === 'alive');
});
afterAll(() => door.end());

const [, section = ''] = /^## One call\n(.*?)^## Events/ms.exec(readText('docs/rpc.md')) ?? [];
const isThere = (program: string): boolean => spawnSync(program, ['--version']).error === undefined;

type Example = {
  readonly language: string;
  /** What runs the code, and what the code needs. */
  readonly programs: readonly [string, ...(readonly string[])];
  readonly toArguments: (code: string) => readonly string[];
  readonly expected: readonly RegExp[];
};

/** What the examples of a language print. `keepalive` is the one that was built. */
async function outputs({ language, programs: [program], toArguments }: Example): Promise<readonly string[]> {
  const env = environment(home, { PATH: `${dirname(process.execPath)}:${process.env['PATH']}`, MAIN: KEEPALIVE });
  const runs = snippets(section, language).map(code => run(program, [...toArguments(code)], { env, cwd: home }));
  return (await Promise.all(runs)).map(({ stdout }) => stdout);
}

const LISTED = /"id":\s?"mine"/;
const PRINTED = /^mine alive\r?\n$/;

const EXAMPLES: readonly Example[] = [
  {
    language: 'sh',
    programs: ['bash', 'curl', 'jq'],
    toArguments: code => ['-c', `keepalive() { node "$MAIN" "$@"; }\n${code}`],
    expected: [LISTED],
  },
  { language: 'js', programs: ['node'], toArguments: code => ['--input-type=module', '-e', code], expected: [PRINTED] },
  {
    language: 'powershell',
    programs: ['pwsh'],
    toArguments: code => ['-NoProfile', '-Command', code],
    expected: [PRINTED],
  },
];

for (const example of EXAMPLES) {
  const missing = example.programs.filter(program => !isThere(program)).join(', ');
  test.skipIf(missing)(
    `the examples of docs/rpc.md in ${example.language} work${missing && ` (skipped: ${missing} is not installed)`}`,
    async () => {
      expect(await outputs(example)).toEqual(example.expected.map(pattern => expect.stringMatching(pattern)));
    },
  );
}
