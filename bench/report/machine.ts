import { readFileSync } from 'node:fs';
import { cpus, release, totalmem, type as system } from 'node:os';

/** Where and with what a result was measured. */
export type Machine = {
  readonly date: string;
  readonly node: string;
  readonly system: string;
  readonly processor: string;
  readonly memoryGiB: number;
  /** The versions of the libraries that are measured beside ours. */
  readonly peers: Readonly<Record<string, string>>;
};

const PEERS = ['bullmq', 'croner', 'node-schedule', 'openid-client', 'prom-client', 'rpc-websockets', 'toad-scheduler'];

export function thisMachine(): Machine {
  return {
    date: new Date().toISOString().slice(0, 10),
    node: process.versions.node,
    system: `${system()} ${release()}`,
    processor: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    peers: Object.fromEntries([...PEERS, 'vscode-jsonrpc', 'ws'].map(name => [name, versionOf(name)])),
  };
}

function versionOf(name: string): string {
  const { version }: { readonly version?: unknown } = JSON.parse(
    readFileSync(`node_modules/${name}/package.json`, 'utf8'),
  );
  return String(version);
}
