console.log(JSON.stringify({ event: 'loaded' }));
let turns = 0;
while (turns >= 0) turns = (turns + 1) % 1000;

export default function () {}
