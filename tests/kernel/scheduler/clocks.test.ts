import type { NetworkInterfaceInfo } from 'node:os';
import { expect, test } from 'vitest';
import { addressesOf, ownAddresses } from '../../../kernel/scheduler/clocks.ts';

const at = (address: string, internal = false): NetworkInterfaceInfo => ({
  address,
  internal,
  family: 'IPv4',
  netmask: '255.255.255.0',
  mac: '00:00:00:00:00:00',
  cidr: `${address}/24`,
});

const home = { lo: [at('127.0.0.1', true)], wlan0: [at('192.0.2.7')] };

test.each<[string, Readonly<Record<string, NetworkInterfaceInfo[]>>, boolean]>([
  ['the same addresses in another order', { wlan0: [at('192.0.2.7')], lo: [at('127.0.0.1', true)] }, true],
  ['link-local addresses', { ...home, veth0: [at('fe80::1')], eth0: [at('169.254.3.4')] }, true],
  ['a VPN', { ...home, tun0: [at('10.8.0.2')] }, false],
  ['another network', { ...home, wlan0: [at('198.51.100.7')] }, false],
  ['no address', { lo: home.lo }, false],
])('whether the network is the same: %s', (_name, other, isSame) => {
  expect(addressesOf(other) === addressesOf(home)).toBe(isSame);
});

test('the addresses of this machine can be read', () => {
  expect(ownAddresses()).not.toContain('127.0.0.1');
});
