import { networkInterfaces } from 'node:os';

type Interfaces = ReturnType<typeof networkInterfaces>;

/** Some systems do not tell; then it never changes. */
function readInterfaces(): Interfaces {
  try {
    return networkInterfaces();
  } catch {
    return {};
  }
}

/** Whether the machine has other addresses than at the last call. */
export function networkChange(read: () => Interfaces = readInterfaces): () => boolean {
  let known = addresses(read());
  return () => {
    const now = addresses(read());
    const changed = now !== known;
    known = now;
    return changed;
  };
}

/** Those that lead somewhere, without what every link gives itself. */
const addresses = (interfaces: Interfaces): string => Object.values(interfaces)
  .flatMap(found => found ?? [])
  .filter(({ internal, address }) => !internal && !/^(fe80|169\.254)/i.test(address))
  .map(({ address }) => address)
  .toSorted()
  .join();
