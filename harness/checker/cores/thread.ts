/** The program of a thread that judges a part of the customers. */

import { parentPort, workerData } from 'node:worker_threads';
import { heard } from './hear.ts';
import type { PartTask, ToPart } from './messages.ts';
import { Part } from './part.ts';

const part = new Part((workerData as PartTask).shelves);

parentPort?.on('message', (message: ToPart) => parentPort?.postMessage(heard(part, message)));
