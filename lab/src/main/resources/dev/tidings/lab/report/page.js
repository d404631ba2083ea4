(function () {
  'use strict';
  var charts = JSON.parse(document.getElementById('charts').textContent);
  var dark = window.matchMedia('(prefers-color-scheme: dark)');
  var drawn = [];

  function escape(text) {
    return String(text).replace(/[&<>"]/g, function (c) {
      return { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }[c];
    });
  }

  function number(value) {
    return typeof value === 'number' ? String(Math.round(value * 1000) / 1000) : value;
  }

  // An event's value: seconds, lane, Lamport time, jump, type, index of the host's event before, index of the sending, queue, message;
  // and through: the indexes of what it follows through hosts that are not drawn.
  function spaceTime(chart, spec) {
    var lines = spec.option.series[0].data;
    var events = spec.option.series[1].data;
    var lanes = spec.option.yAxis.data;
    function before(i) {
      return [events[i].value[5], events[i].value[6]].concat(events[i].through || []);
    }

    var after = events.map(function () { return []; });
    events.forEach(function (event, i) {
      before(i).forEach(function (before) {
        if (before >= 0) { after[before].push(i); }
      });
    });

    function reach(start, neighbours) {
      var seen = {};
      var todo = [start];
      while (todo.length) {
        neighbours(todo.pop()).forEach(function (next) {
          if (next >= 0 && !seen[next]) {
            seen[next] = true;
            todo.push(next);
          }
        });
      }
      return seen;
    }

    var lit = -1;
    function light(index) {
      if (index === lit) { return; }
      lit = index;
      var past = {};
      var future = {};
      if (index >= 0) {
        past = reach(index, before);
        future = reach(index, function (i) { return after[i]; });
      }
      function isIn(set, i) { return i === index || set[i]; }
      chart.setOption({
        series: [
          {
            data: lines.map(function (line) {
              if (index < 0) { return line; }
              var color = isIn(past, line.from) && isIn(past, line.to) ? '#3e7cb1'
                : isIn(future, line.from) && isIn(future, line.to) ? '#e8833a' : null;
              return {
                from: line.from, to: line.to, coords: line.coords,
                lineStyle: color ? { color: color, opacity: 1, width: 2 } : { opacity: 0.12 }
              };
            })
          },
          {
            data: events.map(function (event, i) {
              if (index < 0) { return event; }
              var style = i === index ? { color: '#d6336c' } : past[i] ? { color: '#3e7cb1' }
                : future[i] ? { color: '#e8833a' } : { opacity: 0.2 };
              return { value: event.value, symbol: event.symbol, symbolSize: event.symbolSize, itemStyle: style };
            })
          }
        ]
      });
      document.getElementById('lit').textContent = index < 0 ? ''
        : ' Lit: ' + Object.keys(past).length + ' events in its past, ' + Object.keys(future).length + ' in its future.';
    }

    chart.on('mouseover', function (event) {
      if (event.seriesName === 'events') { light(event.dataIndex); }
    });
    chart.getZr().on('globalout', function () { light(-1); });
    chart.on('mouseout', function (event) {
      if (event.seriesName === 'events') { light(-1); }
    });
    chart.setOption({
      tooltip: {
        formatter: function (item) {
          var v = item.value;
          return '<b>' + escape(lanes[v[1]]) + '</b>, ' + v[0].toFixed(3) + ' s<br>' + escape(v[4])
            + (v[8] ? ' (' + escape(v[8]) + ')' : '') + '<br>logical clock ' + v[2]
            + (v[3] > 1 ? ', a jump of ' + v[3] : '') + '<br>queue ' + v[7];
        }
      }
    });
  }

  function draw() {
    drawn.forEach(function (chart) { chart.dispose(); });
    drawn = charts.map(function (spec) {
      var element = document.getElementById('chart-' + spec.id);
      var chart = echarts.init(element, dark.matches ? 'dark' : null, { renderer: 'canvas' });
      spec.option.backgroundColor = 'transparent';
      chart.setOption(spec.option);
      if (spec.id === 'spacetime') {
        spaceTime(chart, spec);
      } else {
        chart.setOption({ tooltip: { valueFormatter: number, confine: true } });
      }
      return chart;
    });
    document.documentElement.setAttribute('data-charts', drawn.length);
  }

  draw();
  dark.addEventListener('change', draw);
  window.addEventListener('resize', function () {
    drawn.forEach(function (chart) { chart.resize(); });
  });
})();
