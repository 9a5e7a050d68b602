/** The style of the report pages: light and dark by the reader's system, narrow screens, print. */

export const STYLE = `
:root{color-scheme:light dark;--bg:#fff;--panel:#f6f8fa;--text:#1b1f24;--muted:#59636e;--line:#d1d9e0;--ok:#1a7f37;--bad:#cf222e;--warn:#9a6700;--accent:#0969da;--fault:#8250df;--fail:#57606a;--p50:#0969da;--p90:#1a7f37;--p99:#bc4c00;--max:#8c959f;--edge:#8250df;--store-path:#bf3989;--server:#cf222e;--store:#bc4c00;--clock:#0a7ea4}
@media screen and (prefers-color-scheme:dark){:root{--bg:#0d1117;--panel:#161b22;--text:#e6edf3;--muted:#9198a1;--line:#30363d;--ok:#3fb950;--bad:#f85149;--warn:#d29922;--accent:#4493f8;--fault:#ab7df8;--fail:#9198a1;--p50:#4493f8;--p90:#3fb950;--p99:#f0883e;--max:#6e7681;--edge:#ab7df8;--store-path:#db61a2;--server:#f85149;--store:#f0883e;--clock:#39b5d6}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;overflow-wrap:anywhere}
main,footer{max-width:1040px;margin:0 auto;padding:0 20px}
main{padding-top:24px}
h1,h2,h3{line-height:1.25;margin:0}
h1{font-size:1.75rem}
h2{font-size:1.15rem;margin:36px 0 12px;padding-bottom:6px;border-bottom:1px solid var(--line)}
h3{font-size:1rem;margin:20px 0 8px}
p{margin:8px 0}
a{color:var(--accent)}
code{font:.9em ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.muted{color:var(--muted)}
.banner{border:1px solid var(--line);border-left:8px solid var(--tone);border-radius:8px;padding:18px 22px;background:color-mix(in srgb,var(--tone) 7%,var(--bg))}
.banner .word{color:var(--tone);text-transform:uppercase;letter-spacing:.04em}
.banner p{margin:6px 0 0}

.state b{color:var(--tone)}
.valid{--tone:var(--ok)}.invalid{--tone:var(--bad)}.unknown{--tone:var(--warn)}
.note{border-left:4px solid var(--warn);background:var(--panel);padding:8px 16px;margin:16px 0;border-radius:0 6px 6px 0}
.note ul{margin:6px 0;padding-left:20px}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(170px,1fr));gap:6px 20px;margin:0}
.facts div{min-width:0}
.facts dt{color:var(--muted);font-size:.8rem}
.facts dd{margin:0}
.figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(112px,1fr));gap:10px}
.banner+.figures{margin-top:14px}
.figure{border:1px solid var(--line);border-radius:8px;padding:8px 12px;background:var(--panel)}
.figure b{display:block;font-size:1.25rem;font-variant-numeric:tabular-nums}
.figure span{color:var(--muted);font-size:.8rem}
.table{overflow-x:auto}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:5px 12px 5px 0;border-bottom:1px solid var(--line)}
th{font-size:.8rem;color:var(--muted);font-weight:600}
.num{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td.name{white-space:nowrap}
.stack td.wide{min-width:min(19rem,40vw)}
.stack td.name.free{white-space:normal;overflow-wrap:normal}.stack th{overflow-wrap:normal}
.state{white-space:nowrap;font-weight:600}
.state.held,.state.met{color:var(--ok)}.state.violated{color:var(--bad)}.state.violated a{color:inherit}.state.unjudged,.state.seen{color:var(--muted);font-weight:400}.state.missed{color:var(--warn)}
details{margin:8px 0}
summary{cursor:pointer}
details.violation,details.sample{border:1px solid var(--line);border-radius:8px;padding:10px 16px;margin:14px 0}
details.violation{border-left:5px solid var(--bad)}
details.violation>summary .rule{color:var(--bad);font-weight:700;margin-right:.6em}
summary .subject{color:var(--muted);margin-right:.6em}
details.sample>summary .rule{font-weight:700;margin-right:.6em}
.story{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:4px 14px;margin:12px 0}
.story dt{color:var(--muted)}
.story dd{margin:0}
.story dd.found{color:var(--bad);font-weight:600}
tr.ok td:last-child{color:var(--ok)}:is(tr.info,tr.lost) td:last-child{color:var(--warn)}tr.fault td:last-child{color:var(--fault)}tr.clock td:last-child{color:var(--clock)}tr.debit td:last-child{font-weight:600}tr.wire td:last-child{color:var(--muted)}
.lanes{display:grid;grid-template-columns:max-content minmax(0,1fr);border:1px solid var(--line);border-radius:8px;overflow:hidden;margin:12px 0}
.lane-names{border-right:1px solid var(--line);background:var(--panel);padding-left:8px}
.lane-names text{fill:var(--text);font-size:11px;font-weight:600}
.print-name{display:none}
.lane-scroll{overflow-x:auto}
.lane-drawing{display:block}
.lane{fill:transparent}.lane.even{fill:var(--panel)}
.tick{stroke:var(--line);stroke-dasharray:2 4}
.tick-text{fill:var(--muted);font-size:10.5px}
.item text{fill:var(--text);font-size:11px;paint-order:stroke;stroke:var(--bg);stroke-width:3px;stroke-linejoin:round;pointer-events:none}
.item{--c:var(--muted);cursor:default;outline:none}
.item.bar text{stroke:none}
.item.ok{--c:var(--ok)}.item.fail{--c:var(--fail)}.item.info{--c:var(--warn)}.item.fault{--c:var(--fault)}.item.debit{--c:var(--bad)}.item.wire{--c:var(--accent)}.item.other{--c:var(--muted)}
.item.crash,.item.lost{--c:var(--bad)}.item.clock{--c:var(--clock)}
.hit{fill:transparent}
.item rect:not(.hit),.item circle,.item path{stroke:var(--c);stroke-width:1.5;fill:color-mix(in srgb,var(--c) 20%,var(--bg))}
.item.crash path,.item.lost path{stroke-width:3;stroke-linecap:round;fill:none}
.item.crash text,.item.lost text{fill:var(--c);font-weight:600}
.item.debit path{fill:var(--c)}
.item.debit.other path{fill:none}
.item.open rect:not(.hit){stroke-dasharray:4 3}
.item:focus-visible rect:not(.hit),.item:focus-visible circle,.item:focus-visible path,.item.on rect:not(.hit),.item.on circle,.item.on path{stroke-width:3.5}
.arrow{stroke:var(--muted);stroke-width:1.2;opacity:.75}
.arrow.answer{stroke:var(--ok);stroke-dasharray:5 3}
.arrow.lost{stroke:var(--bad);stroke-dasharray:5 3}
.arrow.debit{stroke:var(--bad)}
.head{fill:var(--muted)}.head.answer{fill:var(--ok)}.head.debit{fill:var(--bad)}
.lane-detail,.chart-value{display:block;color:var(--muted);font-size:.85rem;min-height:2.9em}
.lane-detail{grid-column:1/-1;border-top:1px solid var(--line);padding:6px 10px;background:var(--panel)}
.lane-detail.on,.chart-value.on{color:var(--text)}
.chart{margin:0;outline-offset:4px}
.legend{display:flex;flex-wrap:wrap;gap:4px 14px;margin:0 0 10px;font-size:.85rem}
.key{display:inline-flex;align-items:center;gap:5px;white-space:nowrap}
label.key{cursor:pointer}
.key input{margin:0;accent-color:var(--muted)}
.key i{display:inline-block;width:14px;height:3px;border-radius:2px;background:var(--c)}
.key i.box{height:10px;width:10px}
.p50{--c:var(--p50)}.p90{--c:var(--p90)}.p99{--c:var(--p99)}.max{--c:var(--max)}
.key.ok,.count.ok{--c:var(--ok)}.key.fail,.count.fail{--c:var(--fail)}.key.info,.count.info{--c:var(--warn)}
.edge{--c:var(--edge)}.store-path{--c:var(--store-path)}.server{--c:var(--server)}.store{--c:var(--store)}.clock{--c:var(--clock)}
.plot-row{display:flex}
.y-axis{position:relative;flex:none;width:52px;height:240px;font-size:.75rem;color:var(--muted)}
.y-axis span{position:absolute;right:8px;transform:translateY(-50%);white-space:nowrap}
.plot{position:relative;flex:1;min-width:0}
.plot>svg{display:block;width:100%;height:240px;border-left:1px solid var(--line);border-bottom:1px solid var(--line);overflow:visible}
.plot>svg.counts{height:70px;overflow:hidden;margin-top:8px}
.fault-rows svg{display:block;width:100%;height:8px;margin-top:3px;background:var(--panel)}
.x-axis{position:relative;height:20px;margin-left:52px;font-size:.75rem;color:var(--muted)}
.x-axis span{position:absolute;top:2px;transform:translateX(-50%);white-space:nowrap}
.x-axis span:first-child{transform:none}
.x-axis span:last-child:not(:first-child){transform:translateX(-70%)}
.grid{stroke:var(--line);vector-effect:non-scaling-stroke}
.series{fill:none;stroke:var(--c);stroke-width:2;stroke-linejoin:round;stroke-linecap:round;vector-effect:non-scaling-stroke}
.series.max{stroke-width:1;stroke-dasharray:2 3}
.count{fill:var(--c);opacity:.75}
.shade{fill:var(--c);opacity:.1}
.solid{fill:var(--c);opacity:.85}
.crosshair{position:absolute;top:0;bottom:0;width:1px;background:var(--text);opacity:.5;pointer-events:none}
${['p50', 'p90', 'p99', 'max', 'ok', 'fail', 'info']
  .map((name) => `.chart:has([data-series=${name}]:not(:checked)) :is(.series,.count).${name}{display:none}`)
  .join('\n')}
table.sweep{width:auto;border-collapse:separate;border-spacing:0}
.sweep th,.sweep td{border:0;padding:2px}
.sweep tbody tr:not(.sweep-way):hover{background:var(--panel)}
.sweep-kind{height:9.5rem;vertical-align:bottom;padding:0 2px 8px!important;font-weight:500}
.sweep-kind span{writing-mode:vertical-rl;transform:rotate(180deg);white-space:nowrap;display:inline-block;width:26px;line-height:26px}
.sweep-corner{vertical-align:bottom!important;padding-bottom:10px!important}
.sweep-way th{padding:14px 0 4px!important;color:var(--text);font-size:.85rem;font-weight:600}
.sweep tbody th[scope=row]{font-weight:400;color:var(--text);max-width:26rem;white-space:nowrap;overflow:hidden;text-overflow:ellipsis;vertical-align:middle;padding-right:14px}
.sweep-k{display:inline-block;min-width:1.6em;margin-right:.5em;text-align:right;color:var(--muted);font-variant-numeric:tabular-nums}
.sweep-door{display:inline-block;margin-right:.5em;padding:0 .45em;border-radius:9px;background:var(--panel);color:var(--muted);font-size:.75rem}
.cell{--c:var(--muted);display:inline-flex;width:26px;height:26px;align-items:center;justify-content:center;border-radius:7px;font:700 13px/1 system-ui,sans-serif;text-decoration:none;color:var(--c);background:color-mix(in srgb,var(--c) 16%,var(--bg));transition:transform .12s}
a.cell:hover,a.cell:focus-visible{transform:scale(1.18);box-shadow:0 2px 8px color-mix(in srgb,var(--c) 40%,transparent)}
.cell.held{--c:var(--ok)}.cell.serialised,.cell.queued{--c:var(--accent)}.cell.unstable{--c:var(--warn)}
.cell.broken{--c:var(--bad);background:var(--bad);color:#fff}
.cell.unreached{background:none}
ul.plain{list-style:none;margin:0;padding:0}
.cell.wide{width:auto;min-width:26px;padding:0 6px;font-weight:600;font-size:12px;white-space:nowrap}
.sweep-legend{display:flex;flex-wrap:wrap;gap:6px 20px;list-style:none;padding:0;margin:14px 0;font-size:.85rem;color:var(--muted)}
.sweep-legend .cell,.schedule summary .cell{width:20px;height:20px;border-radius:5px;font-size:11px;vertical-align:-4px;margin-right:4px}
.schedule{scroll-margin-top:8px;margin:6px 0!important;padding:6px 14px!important}
.schedule summary .rule{color:var(--bad);margin-left:.5em}
.schedule.broken{border-left:5px solid var(--bad)}
footer{color:var(--muted);font-size:.85rem;padding-top:28px;padding-bottom:32px}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
@media (max-width:560px){main,footer{padding-left:12px;padding-right:12px}.banner{padding:14px 14px}h1{font-size:1.35rem}details.violation,details.sample{padding:8px 10px}.story{grid-template-columns:minmax(0,1fr);gap:0}.story dd{margin-bottom:8px}.stack thead{display:none}.stack tr{display:grid;grid-template-columns:minmax(0,1fr) max-content;border-bottom:1px solid var(--line);padding:6px 0}.stack td{border:0;padding:0 8px 0 0}.stack td.wide{min-width:0;grid-column:1/-1;color:var(--muted);font-size:.9rem}.stack td.name{white-space:normal}.stack td.num{grid-column:1/-1;text-align:left;color:var(--muted);font-size:.9rem}.stack td.num::before{content:attr(data-label) ' '}}
@media print{:root{color-scheme:light;--bg:#fff;--panel:#f6f8fa;--text:#000;--muted:#444;--line:#bbb}body{font-size:11pt}main,footer{max-width:none;padding:0}.lane-detail,.chart-value,.key input,.lane-names{display:none}.lanes{grid-template-columns:minmax(0,1fr)}.lane-drawing{width:100%;height:auto}.print-name{display:block;font-size:9px;font-weight:600;fill:var(--muted)}.banner,.lanes,.chart,.figure,tr{break-inside:avoid}h2,h3,summary{break-after:avoid}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
`;
