import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { expect, test } from 'vitest';
import { badCaFiles } from '../../../runtime/capabilities/ca-files.ts';
import { temporaryFolder } from '../../support/real-context.ts';

const [good = ''] = rootCertificates;

/** The finding if the variable names a file with this text. */
async function found(variable: string, text: string | undefined) {
  const file = join(await temporaryFolder(), 'bundle.pem');
  if (text !== undefined) await writeFile(file, text);
  return { file, findings: await badCaFiles({ [variable]: file }) };
}

test.each(['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'CODEX_CA_CERTIFICATE'])(
  '%s that names certificates is no trouble, nor is one that names nothing',
  async variable => {
    for (const text of [good, `# ours\r\n${good.replaceAll('\n', '\r\n')}\r\n${good}`, `\uFEFF${good}`])
      expect((await found(variable, text)).findings).toEqual([]);
    expect(await badCaFiles({ [variable]: '' })).toEqual([]);
    expect(await badCaFiles({})).toEqual([]);
  },
);

test.each<[string, string | undefined, string]>([
  ['is missing', undefined, 'does not exist'],
  ['is empty', '', 'no certificate'],
  ['holds something else', 'garbage\n', 'no certificate'],
  ['holds a key', '-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n', 'no certificate'],
  ['was cut', good.slice(0, good.length / 2), 'no certificate'],
  ['is damaged', good.replace(/\n[^\n]{10}/, '\n'), 'damaged'],
])(
  'a file that %s is reported with the variable, the file and the program that minds',
  async (_name, text, trouble) => {
    const { file, findings } = await found('SSL_CERT_FILE', text);
    expect(findings).toMatchObject([
      { level: 'warning', message: expect.stringContaining(trouble), action: expect.stringContaining('SSL_CERT_FILE') },
    ]);
    expect(findings[0]?.message).toContain(file);
    expect(findings[0]?.message).toContain('codex');
  },
);

test('a folder is reported as unreadable, and each variable separately', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'certs'));
  expect(
    await badCaFiles({ NODE_EXTRA_CA_CERTS: join(folder, 'certs'), CODEX_CA_CERTIFICATE: join(folder, 'none') }),
  ).toMatchObject([
    { message: expect.stringMatching(/NODE_EXTRA_CA_CERTS.*cannot be read \(EISDIR\).*claude/) },
    { message: expect.stringMatching(/CODEX_CA_CERTIFICATE.*does not exist.*codex/) },
  ]);
});

test.skipIf(process.platform === 'win32')(
  'a pipe does not block, and an endless device is not read without limit',
  async () => {
    const pipe = join(await temporaryFolder(), 'pipe');
    execFileSync('mkfifo', [pipe]);
    expect(await badCaFiles({ SSL_CERT_FILE: pipe, NODE_EXTRA_CA_CERTS: '/dev/zero' })).toMatchObject([
      { message: expect.stringContaining('NODE_EXTRA_CA_CERTS names /dev/zero, which cannot be read (EFTYPE)') },
      { message: expect.stringContaining('cannot be read (EFTYPE)') },
    ]);
  },
);
