import { networkInterfaces } from 'node:os';

type Interfaces = ReturnType<typeof networkInterfaces>;

/** The machine's addresses as one text: another text means another network. Loopback and link-local ones do not count. */
export const addressesOf = (interfaces: Interfaces): string =>
  Object.values(interfaces)
    .flatMap(found => found ?? [])
    .filter(({ internal, address }) => !internal && !/^(fe80|169\.254)/i.test(address))
    .map(({ address }) => address)
    .toSorted()
    .join();

/** Empty if the system does not list them. */
export function ownAddresses(): string {
  try {
    return addressesOf(networkInterfaces());
  } catch {
    return '';
  }
}
