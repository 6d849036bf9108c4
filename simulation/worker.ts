import { liveTask } from './many.ts';

// One of the processes of `liveMany`. Its parent gets a message for each seed.

const [, , task = ''] = process.argv;
await liveTask(task, report => void process.send?.(report));
process.disconnect();
