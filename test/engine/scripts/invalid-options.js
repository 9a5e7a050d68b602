export const options = { scenarios: { main: { executor: 'constant-vus', vus: 1, duration: '100ms' } } };

export default function () {}
