import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startDaemon, temporaryHome } from '../support/daemon.ts';

test('doctor says which version of a vendor’s program it found, and where a program does not say', async () => {
  const home = temporaryHome({ 'keepalive.config.json': JSON.stringify({ plugins: ['codex', 'claude'] }) });
  mkdirSync(join(home, 'bin'));
  const program = (name: string, script: string) => writeFileSync(join(home, 'bin', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  program('codex', '[ "$*" = --version ] && echo codex-cli 1.2.3');
  program('claude', 'exit 1');
  const { client } = await startDaemon(home, { env: { PATH: join(home, 'bin') } });
  const findings = await client.request('doctor/run');
  const said = (subject: string) => findings.filter(finding => finding.subject === subject).map(({ level, message }) => `${level}: ${message}`);
  expect(said('codex')).toContain('ok: the program codex is codex-cli 1.2.3');
  expect(said('claude')).toContain(`warning: ${join(home, 'bin', 'claude')} does not say its version`);
});
