console.log(JSON.stringify({ event: 'loaded' }));
for (;;) {
  // Never gives the thread back.
}

export default function () {}
