import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createExec } from '../../../runtime/capabilities/exec.ts';
import type { DriverContext } from '../../../plugins/warmup/driver.ts';
import { realContext, temporaryFolder } from '../real-context.ts';
import { codexApi } from './codex-api.ts';
import { vendorProxy } from './vendor-proxy.ts';

const DAY = 86_400_000;

/** Leaves a mark if it is run. */
const marking = (mark: string) => ['/bin/sh', '-c', `echo run >> '${mark}'; cat`];

/** A home with all that a warm-up must leave alone, of an account at `api`. Codex reaches only that. */
export async function warmUpMachine(program: string, options: Parameters<typeof codexApi>[0] = {}) {
  const [folder, api] = [await temporaryFolder(), await codexApi(options)];
  const [home, marks] = [join(folder, '.codex'), join(folder, 'marks')];
  const login = api.server.signIn({ age: DAY, left: 9 * DAY });
  await Promise.all([mkdir(join(home, 'skills', 'own'), { recursive: true }), mkdir(marks)]);
  const files = {
    'auth.json': login.text,
    'AGENTS.md': 'CANARY-agents',
    'skills/own/SKILL.md': '---\nname: own\ndescription: CANARY-skill\n---\nCANARY-skill\n',
    'hooks.json': JSON.stringify({
      hooks: {
        SessionStart: [{ hooks: [{ type: 'command', command: marking(join(marks, 'hook')).join(' ') }] }],
      },
    }),
    'config.toml': configuration(marks),
  };
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(home, name), text, { mode: 0o600 })));
  const proxy = await vendorProxy(['auth.openai.com', 'chatgpt.com'], api.handle);
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    TERM: 'dumb',
    CODEX_CA_CERTIFICATE: proxy.authority,
    ...proxy.variables,
  };
  const exec = createExec({ workDir: join(folder, 'work'), env });
  const context = (given: Partial<DriverContext> = {}): DriverContext => ({
    ...realContext(folder, { env, exec }),
    program,
    variables: { CODEX_HOME: home },
    model: undefined,
    ...given,
  });
  return {
    ...api,
    context,
    /** The programs of the user that were run. */
    marks: () => readdir(marks),
    /** Where a program of the user leaves its mark. */
    marked: (name: string) => join(marks, name),
    /** The files in the home of codex. */
    stored: () => readdir(home, { recursive: true }),
    isAlive: async () => api.server.isAlive(login.account, await readFile(join(home, 'auth.json'), 'utf8')),
  };
}

const configuration = (marks: string): string => `
notify = ${JSON.stringify(marking(join(marks, 'notify')))}
model = "gpt-of-the-user"
developer_instructions = "CANARY-instructions"
[features]
memories = true
[mcp_servers.canary]
command = "/bin/sh"
args = ${JSON.stringify(marking(join(marks, 'mcp')).slice(1))}
`;
