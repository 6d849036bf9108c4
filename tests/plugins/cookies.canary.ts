import type { Canary, CanarySession } from '../support/canary/canary-world.ts';

const canary: Canary = ({ vendors: { site, teapot }, cookie }) => {
  const cookies = (id: string, options: object, outcome: string): CanarySession => ({
    id,
    outcome,
    files: { [`${id}.txt`]: cookie('127.0.0.1', 'sid', id === 'web' ? 'CANARY-sid-0' : `CANARY-sid-of-${id}`) },
    entry: ['cookies', { id, jar: `~/${id}.txt`, ...options }],
  });
  return [
    cookies('web', { ping: site.page, alive: { json: 'user' }, headers: { 'x-csrf': 'CANARY-csrf' } }, 'refreshed'),
    cookies('web-broken', { ping: `${teapot}/?key=CANARY-in-an-address` }, 'failed'),
    cookies('web-unsendable', { ping: site.page, headers: { 'x-csrf': 'CANARY"unsendable\nheader' } }, 'failed'),
  ];
};
export default canary;
