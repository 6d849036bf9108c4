import { existsSync, readFileSync } from 'node:fs';

/** The version of this installation, from its package.json. */
export function readVersion(): string {
  const places = ['../package.json', '../../package.json'].map(place => new URL(place, import.meta.url));
  const manifest: unknown = JSON.parse(readFileSync(places.find(place => existsSync(place)) ?? '', 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : '0.0.0';
}
