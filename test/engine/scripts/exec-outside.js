// What belongs to an iteration is refused outside of one.
import exec from 'k6/execution';

export const options = { vus: 1, iterations: 1 };

function readable() {
  const tries = {
    scenario: () => exec.scenario.name,
    instance: () => exec.instance.vusActive,
    vu: () => exec.vu.idInTest,
    iteration: () => exec.vu.iterationInScenario,
    tags: () => exec.vu.metrics.tags.scenario,
    options: () => exec.test.options.scenarios,
  };
  const found = {};
  for (const [name, read] of Object.entries(tries)) {
    try {
      read();
      found[name] = true;
    } catch {
      found[name] = false;
    }
  }
  return found;
}

const inInit = readable();

export function setup() {
  console.log(JSON.stringify({ event: 'setup', found: readable() }));
}

export default function () {
  console.log(JSON.stringify({ event: 'iteration', inInit, found: readable() }));
}

export function teardown() {
  console.log(JSON.stringify({ event: 'teardown', found: readable() }));
}
