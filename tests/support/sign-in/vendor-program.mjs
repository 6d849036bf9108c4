// A vendor's program: prints an address, reads a code from its standard input, and replaces its store as a whole.
// It ends without a new login when its input ends.
import { createInterface } from 'node:readline';
import { renameSync, writeFileSync } from 'node:fs';
import { setTimeout as moment } from 'node:timers/promises';

const [store] = process.argv.slice(2);
console.log('Open https://vendor.example/sign-in?state=CANARY-state and paste the code.');
for await (const code of createInterface({ input: process.stdin })) {
  if (code !== 'CANARY-pasted-code') {
    console.log('Wrong code.');
    continue;
  }
  await moment(20);
  const login = JSON.stringify({
    account: 'm…@example.com',
    token: `CANARY-token-${process.pid}`,
    padding: 'x'.repeat(50_000),
  });
  writeFileSync(`${store}.${process.pid}`, login);
  renameSync(`${store}.${process.pid}`, store);
  process.exit(0);
}
process.exit(1);
