/** Opens the stage that was asked for. */

import { bundledStage } from './bundled-stage.ts';
import { ownStage } from './own-stage.ts';
import type { Stage, StageOptions } from './stage.ts';

/** Starts everything around the endpoint. When a part fails, what was started before it is ended. */
export async function openStage(options: StageOptions): Promise<Stage> {
  return options.config ? await ownStage(options, options.config) : await bundledStage(options);
}
