// A provider of a configuration file whose sign-in asks for a code: `good`, or `other` for another account.
// `device` shows a user code instead, and the file `approved` beside the store finishes it; not with `asks`.
// With `manual`, keepalive cannot run its sign-in. With `program`, a program signs in, with `CANARY-pasted-code`.
// `unfinished` stores another account, and does not end by itself. While the file `slow` is beside the store, an
// inspection takes its time. While `late` is there, this plugin does not finish loading.
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

const ADDRESS = 'https://vendor.example/sign-in?state=CANARY-state';
const SLOW_MS = 1_500;
const LATE_MS = 20;
const NEVER = new Int32Array(new SharedArrayBuffer(4));
const hash = text => createHash('sha256').update(text).digest('hex');

export default ({
  id = 'tool',
  folder,
  asks = false,
  manual = false,
  program,
  address = ADDRESS,
  userCode = 'CANA-RY12',
}) => {
  const store = `${folder}/login.json`;
  const read = async ({ files }) => JSON.parse((await files.read(store)) ?? 'null');
  const write = account => {
    writeFileSync(`${store}.new`, JSON.stringify({ account, token: `CANARY-token-${randomUUID()}` }));
    renameSync(`${store}.new`, store);
  };
  while (existsSync(`${folder}/late`)) Atomics.wait(NEVER, 0, 0, LATE_MS);
  return {
    kind: 'provider',
    id,
    displayName: 'Vendor Tool',
    async inspect(context) {
      const login = await read(context);
      if (existsSync(`${folder}/slow`)) await setTimeout(SLOW_MS);
      const hint = 'Run `tool login`.';
      if (!login) return { present: false, store, hint };
      const account = hash(login.account);
      return {
        present: true,
        store,
        renew: hint,
        account,
        accountLabel: login.account,
        fingerprint: hash(login.token),
      };
    },
    watch: ({ files }, changed) => files.watch(store, changed),
    async refresh(context) {
      const login = await read(context);
      if (!login) return { status: 'unavailable', hint: 'Run `tool login`.' };
      if (login.dead) return { status: 'login-required', hint: 'Run `tool login`.', proof: 'It is dead.' };
      return { status: 'fresh' };
    },
    signIn: manual
      ? undefined
      : {
          account: 'Vendor account',
          hosts: ['vendor.example'],
          steps: { here: ['code'], device: [asks ? 'code' : 'open'] },
          async run(context) {
            if (program) return runProgram(program, store, context);
            if (context.device && !asks) {
              await context.show({ url: address, userCode, expiresAt: new Date(Date.now() + 600_000) });
              await new Promise((resolve, reject) => {
                const stop = context.files.watch(`${folder}/approved`, () => void (stop(), resolve()));
                context.signal.addEventListener('abort', () => void (stop(), reject(context.signal.reason)));
              });
              write('m…@example.com');
              return;
            }
            let problem;
            for (;;) {
              const code = await context.ask({ url: address, problem });
              if (code === 'good') return void write('m…@example.com');
              if (code === 'other') return void write('o…@example.com');
              if (code === 'unfinished') {
                write('o…@example.com');
                writeFileSync(`${folder}/written`, '');
                return new Promise((_, reject) => {
                  context.signal.addEventListener('abort', () => reject(context.signal.reason));
                });
              }
              context.log.warn({ code }, 'a code was not accepted');
              problem = 'The vendor did not accept this code.';
            }
          },
        },
  };
};

/** Careless: it logs what the sign-in shows and gets. */
async function runProgram(program, store, { exec, ask, signal, log }) {
  const { exitCode } = await exec(process.execPath, [program, store], {
    signal,
    timeoutMs: 15 * 60_000,
    async talk({ lines, send }) {
      for await (const line of lines) {
        const [url] = /https:\S+/.exec(line) ?? [];
        if (!url) continue;
        const code = await ask({ url });
        log.warn({ url, code }, `the program said ${line} and got ${code}`);
        send(code);
      }
    },
  });
  if (exitCode !== 0) throw new Error('The program did not sign in.');
}
