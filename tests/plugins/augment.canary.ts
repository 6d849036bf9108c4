import type { Canary } from '../support/canary/canary-world.ts';

const auggie = (accessToken: string, tenantURL: string) =>
  JSON.stringify({ accessToken, tenantURL, scopes: ['email'] });

const canary: Canary = ({ vendors: { teapot, refusing, proxy }, cookie }) => [
  {
    id: 'augment',
    entry: 'augment',
    files: { '.augment/session.json': auggie('CANARY-auggie', teapot) },
    outcome: 'failed',
  },
  {
    id: 'augment-refused',
    entry: ['augment', { id: 'augment-refused', auggie: { home: '~/.augment-2' } }],
    outcome: 'deferred',
    files: { '.augment-2/session.json': auggie('CANARY-auggie-2', refusing) },
  },
  ...(proxy
    ? [
        {
          id: 'augment-web',
          entry: ['augment', { id: 'augment-web', jar: '~/augment.txt' }],
          outcome: 'refreshed',
          files: { 'augment.txt': cookie('app.augmentcode.com', 'session', 'CANARY-augment-sid-0', 'TRUE') },
        },
      ]
    : []),
];
export default canary;
