export const options = { scenarios: { main: { executor: 'constant-users', vus: 1, duration: '1s' } } };

export default function () {}
