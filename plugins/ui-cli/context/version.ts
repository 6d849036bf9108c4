import { createRequire } from 'node:module';
import { isRecord } from '../../../sdk/base/json.ts';

const manifest: unknown = createRequire(import.meta.url)('session-keepalive/package.json');

/** The version of this program. */
export const VERSION = isRecord(manifest) && typeof manifest['version'] === 'string' ? manifest['version'] : '';
