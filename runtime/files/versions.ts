import { KeepaliveError } from '../../sdk/contract/errors.ts';
import { isRecord } from '../../sdk/base/json.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** The version of a file that this program writes, and how older versions become it. */
export type Versions = {
  readonly current: number;
  /** By version: makes the next version from that one. */
  readonly steps: Readonly<Record<number, (file: JsonObject) => JsonObject>>;
};

/** Throws `KA_HOME_NEWER` if a newer version of this program wrote the file. */
export function refuseNewer(file: string, json: unknown, { current }: Versions): void {
  const version = versionOf(json);
  if (version !== undefined && version > current)
    throw new KeepaliveError('KA_HOME_NEWER', { file, version, known: current });
}

/** The content of an older file in the current version. Undefined if it is not older, or a step is missing. */
export function migrate(json: unknown, { current, steps }: Versions): JsonObject | undefined {
  const version = versionOf(json);
  if (!isRecord(json) || version === undefined || version >= current) return undefined;
  let content = json;
  for (let from = version; from < current; from += 1) {
    const step = steps[from];
    if (!step) return undefined;
    try {
      content = { ...step(content), version: from + 1 };
    } catch {
      return undefined; // Not what that version writes: damaged.
    }
  }
  return content;
}

/** Undefined if the file has no version. */
export function versionOf(json: unknown): number | undefined {
  const version = isRecord(json) ? json['version'] : undefined;
  return typeof version === 'number' && Number.isSafeInteger(version) ? version : undefined;
}
