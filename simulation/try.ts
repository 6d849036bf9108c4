import { Machine } from './world/machine.ts';
import { Program } from './world/program.ts';
import { Random } from './world/random.ts';
import { Timeline } from './world/timeline.ts';
import { calls } from './node/fs.ts';
import { APP, Product } from './product.ts';
import { Vendor } from './vendor.ts';

const t0 = performance.now();
const product = await Product.pack();
console.log('packed', Math.round(performance.now() - t0));
const seed = Number(process.argv[2] ?? 1);
const days = Number(process.argv[3] ?? 1);
const timeline = new Timeline(Date.UTC(2026, 0, 5, 8));
const random = new Random(seed);
const machine = new Machine('laptop', timeline, random.fork());
const vendor = new Vendor(timeline, random.fork(), { lifeMs: 3_600_000, graceMs: 0 });
const env = { HOME: '/home/user', PATH: '/usr/bin', TZ: 'UTC', PWD: '/home/user' };
const setup = new Program(machine, 'setup', env);
const fs = calls(setup);
for (const folder of ['/home/user', '/usr/bin', '/tmp', `${APP}/sdk`, `${APP}/kernel`, `${APP}/plugins/oauth`, `${APP}/plugins/claude`, '/home/user/.config/keepalive']) fs.mkdir(folder, { recursive: true, mode: 0o700 });
fs.writeFile(`${APP}/package.json`, '{"version":"0.1.0"}');
for (const name of ['oauth', 'claude']) fs.writeFile(`${APP}/plugins/${name}/index.js`, '');
const login = vendor.signIn('you');
fs.writeFile('/home/user/acme.json', JSON.stringify({ access_token: login.access, refresh_token: login.refresh, expires_at: login.expiresAt }), { mode: 0o600 });
fs.writeFile('/home/user/.config/keepalive/keepalive.config.json', JSON.stringify({
  plugins: [['oauth', { id: 'acme', file: '~/acme.json', tokenEndpoint: 'https://acme.example/token', clientId: 'c', paths: { access: 'access_token', refresh: 'refresh_token', expiresAt: 'expires_at' } }]],
}), { mode: 0o600 });
setup.kill();

function start() {
  const t = performance.now();
  const program = new Program(machine, 'keepalived', { ...env });
  const fetch = (async (url: unknown, init: { body?: unknown }) => {
    await new Promise<void>(resolve => void program.after(50, resolve));
    const form = new URLSearchParams(String(init.body));
    const { status, body } = vendor.answer(form.get('refresh_token') ?? '', 'daemon');
    await new Promise<void>(resolve => void program.after(50, resolve));
    return new Response(body, { status, headers: { 'content-type': 'application/json', 'content-length': String(body.length) } });
  }) as typeof globalThis.fetch;
  const exports = product.load(program, fetch, {});
  const began = exports['startDaemon'] as (options: object) => Promise<unknown>;
  console.log('loaded', Math.round(performance.now() - t));
  void began({}).then(() => console.log('started at', timeline.now), error => console.log('failed', error));
  return program;
}
start();
for (let day = 0; day < days; day += 1) {
  const t1 = performance.now();
  const before = timeline.count;
  await timeline.run(timeline.now + 86_400_000, () => false);
  console.log('day', day, Math.round(performance.now() - t1), 'ms', timeline.count - before, 'happenings', vendor.exchanges.length, 'exchanges');
}
if (process.argv[4]) console.log(String(fs.readFile('/home/user/.local/share/keepalive/keepalived.log', 'utf8')).split('\n').slice(0, 40).join('\n'));
