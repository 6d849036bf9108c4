/** A vendor's program that renews its own store and says all that it knows to everybody; a `broken` one says it and does nothing else. */
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

/** A program that a person has told to carry notices: it keeps what it is handed. */
export const NOTICE_TAKER = `#!${process.execPath}
  const fs = require('node:fs'), path = require('node:path');
  const record = name => fs.appendFileSync(path.join(__dirname, '..', name), name === 'noticed' ? fs.readFileSync(0) : JSON.stringify([process.argv, process.env]) + '\\n');
  record('noticed');
  record('seen-by-child');`;

/** A provider that does everything wrong with what it was told to conceal, and with what it was not. */
export const careless = (email: string): string => `
  import { defineProvider } from 'session-keepalive/sdk';
  export default () => defineProvider({
    id: 'careless', displayName: 'Careless',
    inspect: ({ conceal }) => { conceal('CANARY-inspected'); throw new Error('cannot look with CANARY-inspected of ${email}'); },
    async refresh({ log, conceal }) {
      conceal('CANARY-told');
      conceal('CANARY "quoted\\\\told\\n');
      for (const level of ['debug', 'info', 'warn', 'error']) log[level]({ credential: 'CANARY-told', access_token: 'CANARY-untold', cookie: 'a=CANARY-untold; b=CANARY-untold' }, 'I hold CANARY-told');
      log.error({ err: new Error('Bearer CANARY-untold of ${email}', { cause: new Error('refresh_token=CANARY-untold') }), quoted: 'CANARY "quoted\\\\told\\n' });
      Promise.reject(new Error('late: CANARY-told'));
      setTimeout(() => { throw new Error('later: CANARY-told'); });
      throw new Error('with CANARY-told for ${email}', { cause: new Error('{"refresh_token": "CANARY-untold"}') });
    },
  });`;
