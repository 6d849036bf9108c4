/** A vendor's program that renews its own store and prints every secret. A `broken` one only prints. */
export const standIn = (store: string, renewed: string, { broken = false } = {}): string => `#!${process.execPath}
  const fs = require('node:fs'), path = require('node:path');
  const home = path.join(__dirname, '..');
  fs.appendFileSync(path.join(home, 'seen-by-child'), JSON.stringify([process.argv, process.env]) + '\\n');
  if (process.argv.includes('--version')) console.log('2.1.330 (Claude Code)');
  else {
    console.log('renewed ' + ${JSON.stringify(renewed)});
    console.error('OAuth refresh failed, status code 418 for ' + ${JSON.stringify(renewed)});
    if (${broken}) process.exitCode = 1;
    else fs.writeFileSync(path.join(home, ${JSON.stringify(store)}), ${JSON.stringify(renewed)});
  }`;

/** A program that the user has configured for notices. It stores what it gets. */
export const NOTICE_TAKER = `#!${process.execPath}
  const fs = require('node:fs'), path = require('node:path');
  const record = (name, text) => fs.appendFileSync(path.join(__dirname, '..', name), text);
  record('noticed', fs.readFileSync(0));
  record('seen-by-child', JSON.stringify([process.argv, process.env]) + '\\n');`;

/** A provider that leaks secrets in every way, concealed ones and others. */
export const careless = (email: string): string => `
  import { defineProvider } from 'session-keepalive/sdk';
  export default () => defineProvider({
    id: 'careless', displayName: 'Careless',
    inspect({ conceal }) {
      conceal('CANARY-inspected');
      throw new Error('cannot look with CANARY-inspected of ${email}');
    },
    async refresh({ log, conceal }) {
      conceal('CANARY-told');
      conceal('CANARY "quoted\\\\told\\n');
      const cookie = 'a=CANARY-untold; b=CANARY-untold';
      for (const level of ['debug', 'info', 'warn', 'error'])
        log[level]({ credential: 'CANARY-told', access_token: 'CANARY-untold', cookie }, 'I hold CANARY-told');
      const cause = new Error('refresh_token=CANARY-untold');
      const err = new Error('Bearer CANARY-untold of ${email}', { cause });
      log.error({ err, quoted: 'CANARY "quoted\\\\told\\n' });
      Promise.reject(new Error('late: CANARY-told'));
      setTimeout(() => { throw new Error('later: CANARY-told'); });
      throw new Error('with CANARY-told for ${email}', { cause: new Error('{"refresh_token": "CANARY-untold"}') });
    },
  });`;
