/** The script of the report pages: it reads out what is under pointer, finger or focus. Without it the page is complete. */

export const SCRIPT = `
'use strict';
for (const lanes of document.querySelectorAll('[data-lanes]')) {
  const items = [...lanes.querySelectorAll('.item')];
  const detail = lanes.querySelector('.lane-detail');
  const show = (item) => {
    for (const other of items) other.classList.toggle('on', other === item);
    detail.textContent = item.getAttribute('aria-label');
    detail.classList.add('on');
  };
  const go = (index) => {
    const item = items[Math.max(0, Math.min(items.length - 1, index))];
    for (const other of items) other.setAttribute('tabindex', other === item ? '0' : '-1');
    item.focus();
    item.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  };
  items.forEach((item, index) => {
    item.addEventListener('pointerenter', () => show(item));
    item.addEventListener('click', () => go(index));
    item.addEventListener('focus', () => show(item));
    item.addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      const to = event.key === 'Home' ? 0 : event.key === 'End' ? items.length - 1 : step && index + step;
      if (to === undefined) return;
      event.preventDefault();
      go(to);
    });
  });
}
for (const chart of document.querySelectorAll('[data-chart]')) {
  const moments = JSON.parse(chart.querySelector('script').textContent);
  const plot = chart.querySelector('.plot');
  const crosshair = chart.querySelector('.crosshair');
  const value = chart.querySelector('.chart-value');
  let here = 0;
  const show = (index) => {
    here = Math.max(0, Math.min(moments.length - 1, index));
    const [left, text] = moments[here];
    crosshair.hidden = false;
    crosshair.style.left = left + '%';
    value.textContent = text;
    value.classList.add('on');
  };
  const at = (event) => {
    const box = plot.getBoundingClientRect();
    const left = ((event.clientX - box.left) / box.width) * 100;
    let best = 0;
    moments.forEach(([other], index) => {
      if (Math.abs(other - left) < Math.abs(moments[best][0] - left)) best = index;
    });
    show(best);
  };
  plot.addEventListener('pointermove', at);
  plot.addEventListener('pointerdown', at);
  chart.addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (event.target !== chart || step === undefined) return;
    event.preventDefault();
    show(crosshair.hidden ? 0 : here + step);
  });
}
const openTarget = () => {
  const target = location.hash.startsWith('#stand-') && document.getElementById(location.hash.slice(1));
  if (!target) return;
  target.open = true;
  target.scrollIntoView({ block: 'start' });
  target.querySelector('summary').focus({ preventScroll: true });
};
addEventListener('hashchange', openTarget);
openTarget();
for (const cell of document.querySelectorAll('a.cell'))
  cell.addEventListener('click', () => setTimeout(openTarget));
let opened = [];
addEventListener('beforeprint', () => {
  opened = [...document.querySelectorAll('details:not([open])')];
  for (const one of opened) one.open = true;
});
addEventListener('afterprint', () => {
  for (const one of opened) one.open = false;
});
`;
