export const options = { scenarios: { main: { executor: 'shared-iterations', exec: 'missing' } } };

export default function () {}
