#include "notify/page/style.h"

#include <stddef.h>

/* Colours have names; dark rooms and paper change only what the names stand for. */
#define DARK                                                                                                           \
    "--paper:#12161b;--card:#1a2027;--ink:#e6eaee;--soft:#a9b4bf;--line:#323b45;--code:#0d1117;"                       \
    "--in-use:#4c8fd6;--spare:#2f4763;--gap:#e5534b;--today:#f0f3f6;--good:#57c478;--bad:#ff8a80;--fair:#e3b341"
#define LIGHT                                                                                                          \
    "--paper:#ffffff;--card:#f5f7f9;--ink:#1b2026;--soft:#545e69;--line:#d5dbe1;--code:#eef1f4;"                       \
    "--in-use:#2767b5;--spare:#a9c6e8;--gap:#c62828;--today:#1b2026;--good:#17692f;--bad:#b3261e;--fair:#7a5200"

const char *const page_style[] = {
    ":root{color-scheme:light dark;" LIGHT "}\n"
    "@media (prefers-color-scheme:dark){:root{" DARK "}}\n"
    "@media print{:root{color-scheme:light;" LIGHT "}}\n"
    "*{box-sizing:border-box}\n"
    "html{-webkit-text-size-adjust:100%}\n"
    "body{margin:0;background:var(--paper);color:var(--ink);overflow-wrap:anywhere;"
    "font:16px/1.5 system-ui,\"Segoe UI\",Roboto,\"Helvetica Neue\",Arial,\"DejaVu Sans\",sans-serif}\n"
    "header,main,footer{max-width:62rem;margin:0 auto;padding:0 1.25rem}\n"
    "header{padding-top:1.75rem}\n"
    "h1{font-size:1.6rem;line-height:1.25;margin:0 0 .15rem;font-weight:650}\n"
    "h2{font-size:1.2rem;line-height:1.3;margin:0 0 .75rem;font-weight:650}\n"
    "h3{font-size:1rem;margin:1.25rem 0 .4rem;font-weight:650}\n"
    "p{margin:.5rem 0}\n"
    "section{margin:2.25rem 0}\n"
    ".soft{color:var(--soft)}\n"
    ".small{font-size:.875rem}\n"
    ".good{color:var(--good)}.bad{color:var(--bad)}.fair{color:var(--fair)}\n"
    /* The state, which nobody has to look for. */
    ".state{display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:baseline;margin:1.25rem 0 0;padding:.9rem 1.1rem;"
    "border-radius:.6rem;-webkit-print-color-adjust:exact;print-color-adjust:exact}\n"
    ".state strong{font-size:1.25rem;letter-spacing:.03em}\n"
    ".state span{flex:1 1 16rem}\n"
    ".ok{background:#17692f;color:#fff}.warning{background:#f3c13a;color:#221a00}\n"
    ".critical{background:#b3261e;color:#fff}.unknown{background:#57606a;color:#fff}\n",
    /* Tables. */
    "table{border-collapse:collapse;width:100%}\n"
    "caption{text-align:left;color:var(--soft);font-size:.875rem;padding:0 0 .4rem}\n"
    "th,td{text-align:left;vertical-align:top;padding:.45rem .75rem .45rem 0;border-top:1px solid var(--line)}\n"
    "th:last-child,td:last-child{padding-right:0}\n"
    "thead th{border-top:0;color:var(--soft);font-size:.8125rem;font-weight:600;overflow-wrap:normal}\n"
    "tbody th{font-weight:400}\n"
    ".sites{margin:0 0 1.25rem}summary{cursor:pointer;margin:.75rem 0}\n"
    "th.site{padding-top:1rem;font-weight:650;border-top:0}\n"
    "td.when,td.kind{white-space:nowrap}\n"
    /* The three slots. */
    ".slots{display:grid;gap:1rem;align-items:start;grid-template-columns:repeat(auto-fit,minmax(min(100%,17.5rem),1fr)"
    ")}\n"
    ".slot{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:1rem 1.1rem}\n"
    ".slot h3{margin:0 0 .1rem;font-size:1.05rem}\n"
    ".slot .left{margin:0 0 .6rem;font-weight:600}\n"
    ".slot td{font-size:.9375rem}.slot td.mono{font-size:.8125rem}.slot td.small{font-size:.85rem}.slot "
    "th{width:6.1rem;color:var(--soft);font-size:.875rem}\n"
    ".slot th,.slot td{padding-top:.3rem;padding-bottom:.3rem}\n"
    ".slot ul{margin:.7rem 0 0}\n"
    ".mono,code,pre{font-family:ui-monospace,\"Cascadia Mono\",Consolas,Menlo,\"DejaVu Sans Mono\",monospace;"
    "font-size:.875em}\n"
    "ul{margin:.5rem 0;padding-left:1.2rem}\n"
    "li{margin:.25rem 0}\n"
    "pre{white-space:pre-wrap;background:var(--code);border:1px solid var(--line);border-radius:.4rem;"
    "padding:.6rem .8rem;margin:.5rem 0;font-size:.875rem}\n"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem;margin:.5rem 0}\n"
    "dt{color:var(--soft)}dd{margin:0}\n",
    /* The time line: drawn twice, for wide and for narrow. */
    "figure{margin:0}\n"
    "svg{display:block;width:100%;height:auto}\n"
    "svg text{font:12px system-ui,\"Segoe UI\",Roboto,Arial,\"DejaVu Sans\",sans-serif;fill:var(--ink);"
    "stroke:var(--paper);stroke-width:4px;stroke-linejoin:round;paint-order:stroke}\n"
    "svg text.tick{fill:var(--soft);font-size:11px}\n"
    "svg text.now{font-weight:650}\n"
    "svg line{fill:none;stroke:var(--line);stroke-width:1;pointer-events:none}\n"
    "svg line.mark{stroke:var(--soft);stroke-dasharray:2 3}\n"
    "svg line.now{stroke:var(--today);stroke-width:2}\n"
    "svg rect,svg circle{pointer-events:none;-webkit-print-color-adjust:exact;print-color-adjust:exact}\n"
    "svg .in-use{fill:var(--in-use)}svg .spare{fill:var(--spare)}svg .gap{fill:var(--gap)}\n"
    "svg circle{fill:var(--soft)}svg circle.end{fill:var(--gap)}\n"
    "svg.narrow{display:none}\n"
    "figcaption{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;margin-top:.6rem;color:var(--soft);font-size:.875rem}\n"
    "figcaption span::before{content:\"\";display:inline-block;width:.9rem;height:.6rem;border-radius:2px;"
    "margin-right:.4rem;-webkit-print-color-adjust:exact;print-color-adjust:exact}\n"
    "figcaption .in-use::before{background:var(--in-use)}figcaption .spare::before{background:var(--spare)}\n"
    "figcaption .gap::before{background:var(--gap)}\n"
    "footer{margin-top:2.5rem;padding-top:1rem;padding-bottom:2.5rem;color:var(--soft);font-size:.875rem}\n"
    "footer p{border-top:1px solid var(--line);padding-top:1rem}\n"
    "@media (max-width:36rem){body{font-size:15px}header,main,footer{padding-left:1rem;padding-right:1rem}"
    "svg.wide{display:none}svg.narrow{display:block}h1{font-size:1.35rem}section{margin:1.9rem 0}\n"
    "th,td{padding-right:.5rem}td.when{white-space:normal;min-width:5.4rem}.stack td,.stack th{display:block;border:0;"
    "padding:.1rem 0}.stack tr{display:block;border-top:1px solid var(--line);padding:.45rem 0}.stack thead"
    "{display:none}dl{grid-template-columns:1fr}dt{margin-top:.3rem}}\n"
    "@media print{body{font-size:10.5pt}header,main,footer{max-width:none;padding-left:0;padding-right:0}"
    "section{margin:1.3rem 0}.slot,tr,figure,pre{break-inside:avoid}h2,h3{break-after:avoid}}\n",
    NULL};
