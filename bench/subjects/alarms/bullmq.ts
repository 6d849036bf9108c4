import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { Candidate, Ring } from './candidate.ts';

/** Starts a Redis on loopback that writes nothing. */
export async function startRedis(program: string): Promise<{ readonly port: number; readonly stop: () => unknown }> {
  const port = await freePort();
  const options = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const redis = spawn(program, ['--port', String(port), ...options], { stdio: 'ignore' });
  const client = clientOf(port).on('error', () => undefined); // It tries again until Redis listens.
  await client.ping();
  client.disconnect();
  return {
    port,
    stop: async () => {
      redis.kill();
      await once(redis, 'exit');
    },
  };
}

/** BullMQ on the Redis whose port is in the environment. */
export function openQueue(): Candidate {
  const port = Number(process.env['REDIS_PORT']);
  const connection = { host: '127.0.0.1', port, maxRetriesPerRequest: null };
  const name = `bench-${process.pid}`;
  const queue = new Queue(name, { connection });
  const work = (ring: Ring) =>
    new Worker<number>(name, async ({ data }) => ring(data), { connection, concurrency: 100 }).waitUntilReady();
  const client = clientOf(port);
  return {
    set: async (times, ring) => {
      const jobs = times.map((at, data) => ({ name: 'alarm', data, opts: { delay: at - Date.now() } }));
      await queue.addBulk(jobs);
      await work(ring);
    },
    repeat: async (count, second, ring) => {
      for (let index = 0; index < count; index += 1)
        await queue.upsertJobScheduler(`${index}`, { pattern: `${second} * * * * *` }, { name: 'alarm', data: index });
      await work(ring);
    },
    bytesElsewhere: async () => Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1]),
    close: () => queue.obliterate({ force: true }),
  };
}

const clientOf = (port: number): Redis => new Redis({ host: '127.0.0.1', port, maxRetriesPerRequest: null });

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
