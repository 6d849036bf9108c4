import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OutputBundle, Plugin } from 'rolldown';

/** Windows paths may contain either separator. */
export const slashed = (path: string): string => path.replaceAll('\\', '/');

/** Writes the licences of the packages that are packed, with those that are `copied`, given by their folders. */
export const licences = (fileName: string, copied: readonly string[] = []): Plugin => ({
  name: 'licences',
  generateBundle(_options, bundle) {
    const texts = [...new Set([...packagesIn(bundle), ...copied])].toSorted().map(folder => {
      const { name, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      const file = readdirSync(folder).find(name => /^licen[cs]e/i.test(name));
      return `${name} (${license})\n\n${file === undefined ? '' : readFileSync(join(folder, file), 'utf8').trim()}\n`;
    });
    this.emitFile({ type: 'asset', fileName, source: texts.join('\n\n') });
  },
});

/** The folders of the packages that are packed. */
export function packagesIn(bundle: OutputBundle): readonly string[] {
  const modules = Object.values(bundle).flatMap(output => (output.type === 'chunk' ? output.moduleIds : []));
  const folders = modules.flatMap(id => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(slashed(id))?.[0] ?? []);
  return [...new Set(folders)];
}
