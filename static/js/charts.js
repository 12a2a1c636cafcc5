// Draws each [data-chart] from the JSON beside it; without this file the table with the same figures stands there.
(function () {
  'use strict';
  if (!window.echarts) return;
  var root = getComputedStyle(document.documentElement);
  function token(name) { return root.getPropertyValue(name).trim(); }
  // The colour of a bar as the style sheet has it: one place for it, whoever draws.
  function fill(name) {
    var svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    var rect = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
    rect.setAttribute('class', 'f-' + name);
    svg.appendChild(rect);
    document.body.appendChild(svg);
    var colour = getComputedStyle(rect).fill;
    svg.remove();
    return colour;
  }
  var words = { color: token('--ink-2'), fontFamily: token('--sans'), fontSize: 12 };

  function options(data) {
    var many = data.series.length > 1;
    var names = {
      type: 'category', data: data.labels, inverse: !data.upright, axisTick: { show: false },
      axisLine: { lineStyle: { color: token('--line-2') } },
      axisLabel: Object.assign({ interval: data.upright ? 'auto' : 0 }, words)
    };
    var numbers = {
      type: 'value', minInterval: 1, axisLabel: words, splitLine: { lineStyle: { color: token('--line') } }
    };
    return {
      animation: false,
      textStyle: words,
      grid: { left: 4, right: 28, top: many ? 32 : 8, bottom: 4, containLabel: true },
      legend: many ? { right: 0, top: 0, itemWidth: 12, itemHeight: 10, textStyle: words, selectedMode: false } : undefined,
      tooltip: {
        trigger: 'axis', axisPointer: { type: 'shadow' }, renderMode: 'richText', confine: true,
        textStyle: { color: token('--ink'), fontFamily: token('--sans'), fontSize: 13 }
      },
      xAxis: data.upright ? names : numbers,
      yAxis: data.upright ? numbers : names,
      series: data.series.map(function (row) {
        return {
          name: row.name, type: 'bar', stack: 'all', barMaxWidth: data.upright ? 22 : 16, cursor: 'pointer',
          itemStyle: { color: fill(row.fill) },
          label: {
            show: !data.upright, position: many ? 'inside' : 'right', color: many && row.fill !== 'yellow' ? '#fff' : token('--ink'),
            fontSize: 12, formatter: function (point) { return point.value ? String(point.value) : ''; }
          },
          data: row.values.map(function (value, place) {
            var own = data.fills.length ? { color: fill(data.fills[place]) } : undefined;
            return own ? { value: value, itemStyle: own } : value;
          })
        };
      })
    };
  }

  document.querySelectorAll('[data-chart]').forEach(function (panel) {
    var plot = panel.querySelector('.chart-plot');
    var button = panel.querySelector('[data-as-table]');
    var data = JSON.parse(document.getElementById('chart-' + panel.dataset.chart).textContent);
    panel.classList.add('is-drawn');
    if (!data.upright) plot.classList.add('chart-rows-' + Math.min(12, Math.max(3, data.labels.length)));
    var chart = window.echarts.init(plot, null, { renderer: 'canvas' });
    chart.setOption(options(data));
    chart.on('click', function (point) {
      var url = data.series[point.seriesIndex].urls[point.dataIndex];
      if (url) location.assign(url);
    });
    window.addEventListener('resize', function () { chart.resize(); });
    button.hidden = false;
    button.addEventListener('click', function () {
      var asTable = panel.classList.toggle('is-table');
      button.textContent = asTable ? '看图' : '看表格';
      button.setAttribute('aria-pressed', String(asTable));
      if (!asTable) chart.resize();
    });
  });
})();
