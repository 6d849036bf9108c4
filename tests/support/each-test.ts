// Modules of the kernel need it, whichever test of a worker loads them first.
import 'reflect-metadata';
import { aroundEach } from 'vitest';
import { running } from './running-test.ts';

// Vitest runs this file before each test file, but loads ./running-test.ts only once in each worker.
aroundEach((run, context) => running.run(context, run));
