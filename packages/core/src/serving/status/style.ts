/** The status page's style: light and dark by the reader's own setting, one column on a phone. */
export const style = `
:root{--ink:#1b1f24;--soft:#57606a;--paper:#fff;--box:#f6f8fa;--line:#d5dae0;--link:#0550ae;--good:#1a7f37;--warn:#9a6700;--bad:#cf222e;--a:#0969da;--b:#bc4c00;--c:#8250df;--d:#1a7f37;--fill:#0969da22}
@media (prefers-color-scheme:dark){:root{--ink:#e6e9ed;--soft:#9aa5b1;--paper:#14171b;--box:#1c2127;--line:#343b44;--link:#79b8ff;--good:#57c76f;--warn:#e3b341;--bad:#ff7b72;--a:#58a6ff;--b:#f0883e;--c:#bc8cff;--d:#57c76f;--fill:#58a6ff2b}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1.5rem 1.25rem 3rem;max-width:72rem;font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);font-variant-numeric:tabular-nums}
header{display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:baseline}
h1{margin:0;font-size:1.6rem}h2{margin:2rem 0 .75rem;font-size:1.25rem;overflow-wrap:anywhere}h3{margin:0;font-size:1rem;overflow-wrap:anywhere}
p{margin:0;color:var(--soft)}nav{margin-left:auto}nav a{margin-left:1rem}a{color:var(--link)}a:focus-visible{outline:2px solid var(--link);outline-offset:2px}
#notice:empty{display:none}#notice{margin:1rem 0 0;padding:.5rem .75rem;border-left:4px solid var(--bad);background:var(--box);color:var(--ink)}
.stale main{opacity:.5}
.cards{display:grid;gap:1rem;grid-template-columns:repeat(auto-fill,minmax(min(100%,26rem),1fr))}
article{padding:1rem;background:var(--box);border:1px solid var(--line);border-radius:8px;min-width:0}
.top{display:flex;flex-wrap:wrap;gap:.25rem .5rem;align-items:baseline}
.tag{padding:0 .5rem;border:1px solid var(--line);border-radius:1rem;font-size:.8rem;color:var(--soft)}
.state{margin-left:auto;font-size:.85rem;font-weight:600;color:var(--warn)}.state::before{content:"●";margin-right:.35rem}
.state.ready{color:var(--good)}.state.unavailable,.state.closed{color:var(--bad)}
.where,.reason,.totals{font-size:.875rem}.reason{color:var(--bad);overflow-wrap:anywhere}.reason:empty{display:none}
svg{display:block;width:100%;height:3.5rem;margin:.75rem 0 0;overflow:visible}
.area{fill:var(--fill)}.rate{fill:none;stroke:var(--a);stroke-width:1.5;vector-effect:non-scaling-stroke}.bad{fill:none;stroke:var(--bad);stroke-width:1.5;vector-effect:non-scaling-stroke}.base{stroke:var(--line);vector-effect:non-scaling-stroke}
.scale{display:flex;justify-content:space-between;font-size:.75rem;color:var(--soft)}
dl{display:grid;grid-template-columns:repeat(4,minmax(0,1fr));gap:.5rem .75rem;margin:.75rem 0}dt{font-size:.75rem;color:var(--soft)}dd{margin:0;font-size:1.05rem;font-weight:600;white-space:nowrap}dd.alarm{color:var(--bad)}
.split{display:flex;height:.75rem;border-radius:.375rem;overflow:hidden;background:var(--line)}.split i{min-width:0}
.legend{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;margin:.5rem 0 1rem;padding:0;list-style:none;font-size:.875rem;color:var(--soft)}.legend i{display:inline-block;width:.7rem;height:.7rem;margin-right:.4rem;border-radius:2px}
.legend li{min-width:0;overflow-wrap:anywhere}
.k0{background:var(--a)}.k1{background:var(--b)}.k2{background:var(--c)}.k3{background:var(--d)}
@media (max-width:30rem){body{padding:1rem .75rem 2rem}nav{margin:0}nav a{margin:0 1rem 0 0}dl{grid-template-columns:repeat(2,minmax(0,1fr))}}
`;
