import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { isRecord } from '../../../sdk/base/json.ts';
import { ERROR_CODES, KeepaliveError } from '../../../sdk/contract/errors.ts';
import type { PluginReport } from '../../../sdk/testing/index.ts';

/** The program that tests a plugin. It is installed beside us, and never imported: the plugin may do anything. */
const TRIAL_MAIN = new URL('../../../runtime/trial/main.js', import.meta.url);

/** A load or a call of the plugin may take this long. Its process also gives up a call, if the plugin lets it. */
const LIMIT_MS = 20_000;

export type TrialRequest = {
  readonly name: string;
  readonly options: object;
  readonly bases: readonly string[];
  readonly stateDir: string;
};

/** The results, and the file that was tested: absent if the plugin ended its process. */
export type Trial = PluginReport & { readonly file?: string | undefined };

type TrialOptions = { readonly main?: string; readonly limitMs?: number };

/** Tests a plugin in its own process. What it prints goes to our standard error. */
export async function spawnTrial(
  request: TrialRequest,
  { main = fileURLToPath(TRIAL_MAIN), limitMs = LIMIT_MS }: TrialOptions = {},
): Promise<Trial> {
  const child = spawn(process.execPath, [main], { windowsHide: true, stdio: ['ignore', 2, 2, 'ipc'] });
  child.send(request);
  try {
    return await resultOf(child, request.name, limitMs);
  } finally {
    child.kill('SIGKILL');
  }
}

function resultOf(child: ChildProcess, name: string, limitMs: number): Promise<Trial> {
  return new Promise((resolve, reject) => {
    let doing = 'load';
    const hung = (): void =>
      doing === 'load'
        ? reject(new KeepaliveError('KA_PLUGIN_TIMEOUT', { module: name, call: 'load', afterMs: limitMs }))
        : resolve(endedBy(name, doing, `It did not return within ${limitMs / 1_000} s, so its process was ended.`));
    let timer = setTimeout(hung, limitMs);
    child.on('message', message => {
      clearTimeout(timer);
      const { began, report, failed } = isRecord(message) ? message : {};
      if (typeof began === 'string') {
        doing = began;
        timer = setTimeout(hung, limitMs);
      } else if (isTrial(report)) resolve(report);
      else reject(errorIn(failed));
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      resolve(endedBy(name, doing, `It ended its process (${signal ?? `exit code ${code}`}).`));
    });
  });
}

const endedBy = (id: string, during: string, problem: string): Trial => ({
  id,
  kind: 'unknown',
  passed: false,
  checks: [{ name: during, scenario: '', problem }],
});

/** Both sides are one version of this program. */
const isTrial = (value: unknown): value is Trial =>
  isRecord(value) && typeof value['id'] === 'string' && Array.isArray(value['checks']);

function errorIn(failed: unknown): Error {
  const { code, details, message } = isRecord(failed) ? failed : {};
  const known = ERROR_CODES.find(name => name === code);
  if (known) return new KeepaliveError(known, isRecord(details) ? details : {});
  return new Error(typeof message === 'string' ? message : 'The plugin could not be tested.');
}
