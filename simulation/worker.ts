import { isRecord } from '../sdk/base/json.ts';
import type { Report, Task } from './many.ts';
import { Product } from './product.ts';
import { live } from './scene/life.ts';
import { troublesOf } from './scene/trouble.ts';

// One of the processes of `liveMany`. Its parent sends it a seed, and the next one when it has reported. It ends when
// its parent disconnects or ends, and if a life comes to a halt, which its parent sees.

const product = Product.pack();

const isTask = (message: unknown): message is Task =>
  isRecord(message) && typeof message['seed'] === 'number' && typeof message['days'] === 'number';

async function liveTask({ seed, days }: Task): Promise<Report> {
  const { broken } = await live(await product, { seed, days, troubles: troublesOf(seed, days) });
  return { seed, ...(broken && { broken: { rule: broken.rule, how: broken.how } }) };
}

process.on('message', async message => {
  if (!isTask(message)) throw new Error('The parent sent what is no task.');
  process.channel?.unref();
  const report = await liveTask(message);
  process.channel?.ref();
  if (process.connected) process.send?.(report);
});
