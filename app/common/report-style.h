/* SPDX-License-Identifier: MIT */
/* How the report looks, on a screen and on paper. */
#pragma once

static const char few_report_style[] =
    "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 "
    "1rem;color-scheme:light dark}"
    "table{border-collapse:collapse}th,td{padding:.2rem .8rem .2rem "
    "0;text-align:left;font-variant-numeric:tabular-nums}"
    "thead th{border-bottom:1px solid "
    "#8888}svg{width:100%;height:auto}.key{font-size:.9em}.wide{overflow-x:auto}"
    ".matrix td{text-align:right;padding:.2rem .5rem}.matrix td.right{background:#3584e433}.matrix "
    "td.wrong{background:#e0111133}.pictures{display:grid;grid-template-columns:repeat(auto-fill,"
    "minmax(10rem,1fr));gap:1rem}figure{margin:0;break-inside:avoid;overflow-wrap:anywhere;"
    "font-size:.85em}figure img{max-width:100%;height:auto;border-radius:6px}"
    /* two runs beside each other, below each other where there is no room */
    "body.beside{max-width:84rem}.two{display:grid;grid-template-columns:repeat(auto-fit,minmax("
    "min(26rem,100%),1fr));gap:2rem}.two section{min-width:0}.two "
    "td{overflow-wrap:anywhere}"
    /* on paper: dark on white whatever the screen is, nothing cut in two, colours kept */
    "@page{margin:18mm}@media print{body{max-width:none;margin:0;font-size:10pt;color-scheme:light;"
    "color:#000;background:#fff;print-color-adjust:exact;-webkit-print-color-adjust:exact}"
    "h2{break-after:avoid}.two{grid-template-columns:1fr 1fr;gap:8mm}.two "
    "section{font-size:.85em}svg,tr,.key{break-inside:avoid}thead{display:table-header-group}"
    ".wide{overflow:visible}svg{max-height:9cm}.matrix{font-size:8pt}}";
