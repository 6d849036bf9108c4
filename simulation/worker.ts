import { isRecord } from '../sdk/base/json.ts';
import { liveTask } from './many.ts';
import { Product } from './product.ts';

// One of the processes of `liveMany`. Its parent sends it a seed, and the next one when it has reported. It ends when
// its parent disconnects.

const product = Product.pack();

process.on('message', async message => {
  if (!isRecord(message)) return;
  const { seed, days } = message;
  if (typeof seed === 'number' && typeof days === 'number')
    process.send?.(await liveTask({ seed, days }, await product));
});
