// Draws the charts of a page with plotly, whose script (4.8 MB, local, cached for ever) is fetched only when one scrolls into view.
(() => {
  const frame = document.querySelector("[data-charts]");
  if (!frame) return;
  const data = JSON.parse(document.getElementById(frame.dataset.charts).textContent);

  function colours() {
    const style = getComputedStyle(document.documentElement);
    const probe = document.createElement("span");
    document.body.append(probe);
    const read = (name) => {
      probe.style.color = style.getPropertyValue(name); // resolves light-dark() to one colour
      return getComputedStyle(probe).color;
    };
    const found = { ink: read("--ink"), soft: read("--soft"), line: read("--line"), accent: read("--accent"), bad: read("--bad"), paper: read("--paper") };
    probe.remove();
    return found;
  }

  function layout(colour, more) {
    return {
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: colour.soft },
      hoverlabel: { bgcolor: colour.paper, bordercolor: colour.line, font: { color: colour.ink } },
      margin: { l: 8, r: 16, t: 8, b: 44 }, showlegend: false, hovermode: "closest", dragmode: false, ...more,
    };
  }

  const axis = (colour, title, more) => ({
    title: { text: title, standoff: 8 }, gridcolor: colour.line, linecolor: colour.line, zeroline: false,
    automargin: true, fixedrange: true, ...more,
  });

  // A long name leaves room for the data: it is cut in the axis, and whole in the hover.
  const cut = (name, room) => (name.length > room ? `${name.slice(0, room - 1)}…` : name);

  function forest(chart, colour, width) {
    const rows = chart.names.map((_, i) => i);
    const room = Math.max(12, Math.floor(width / 22));
    const trace = {
      type: "scatter", mode: "markers", x: chart.values, y: rows, text: chart.names,
      marker: { color: colour.accent, size: 9 },
      error_x: { type: "data", symmetric: false, array: chart.above, arrayminus: chart.below, color: colour.accent, thickness: 2, width: 5 },
      hovertemplate: "%{text}: %{x:.1f}<extra></extra>",
    };
    const shapes = chart.chance === null ? [] : [{
      type: "line", xref: "x", yref: "paper", x0: chart.chance, x1: chart.chance, y0: 0, y1: 1,
      line: { color: colour.bad, width: 1.5, dash: "dot" },
    }];
    const annotations = chart.chance === null ? [] : [{
      x: chart.chance, y: 1, yref: "paper", yanchor: "bottom", text: chart.chance_label, showarrow: false, font: { color: colour.bad },
    }];
    return [[trace], layout(colour, {
      xaxis: axis(colour, chart.axis, { range: [0, 100] }), 
      yaxis: axis(colour, "", { range: [rows.length - 0.5, -0.5], tickvals: rows, ticktext: chart.names.map((name) => cut(name, room)), ticklabelstandoff: 6, showgrid: false }),
      height: Math.max(200, 90 + 40 * rows.length), shapes, annotations, margin: { l: 8, r: 16, t: 24, b: 44 },
    })];
  }

  // Names stand beside their points, towards the middle; of two that would overlap, the higher moves up and the lower down.
  function places(xs, ys, most) {
    return xs.map((x, i) => {
      const side = x > most * 0.55 ? "left" : "right";
      const near = ys.filter((y, j) => j !== i && Math.abs(xs[j] - x) < most * 0.4 && Math.abs(y - ys[i]) < 7);
      if (!near.length) return `middle ${side}`;
      return near.every((y) => y <= ys[i]) ? `top ${side}` : `bottom ${side}`;
    });
  }

  function cost(chart, colour, width) {
    const across = chart[chart.use];
    const most = Math.max(0, ...across) || 1;
    const trace = {
      type: "scatter", mode: "markers+text", x: across, y: chart.values, text: chart.names.map((name) => ` ${cut(name, Math.max(12, Math.floor(width / 22)))} `), customdata: chart.names,
      textposition: places(across, chart.values, most),
      textfont: { color: colour.ink }, cliponaxis: false, marker: { color: colour.accent, size: 9 },
      error_y: { type: "data", symmetric: false, array: chart.above, arrayminus: chart.below, color: colour.accent, thickness: 1.5, width: 4 },
      hovertemplate: "%{customdata}: %{y:.1f}<extra></extra>",
    };
    return [[trace], layout(colour, {
      xaxis: axis(colour, chart.across, { range: [-most * 0.05, most * 1.08] }), yaxis: axis(colour, chart.axis, { range: [0, 100] }), height: 352,
    })];
  }

  const draws = { forest, cost };
  let isReady = false;

  function draw() {
    if (!isReady) return;
    const colour = colours();
    for (const place of frame.querySelectorAll("[data-chart]")) {
      const chart = data[place.dataset.chart];
      const [traces, shape] = draws[chart.kind](chart, colour, place.clientWidth);
      place.textContent = "";
      window.Plotly.newPlot(place, traces, shape, { displayModeBar: false, responsive: true, displaylogo: false });
    }
  }

  function say(words) {
    for (const place of frame.querySelectorAll("[data-chart]")) place.textContent = words;
  }

  function load() {
    say(frame.dataset.waiting);
    const script = document.createElement("script");
    script.src = frame.dataset.script;
    script.onload = () => { isReady = true; draw(); };
    script.onerror = () => say(frame.dataset.failed);
    document.head.append(script);
  }

  document.addEventListener("evalhub:theme", draw);
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  const watch = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    watch.disconnect();
    load();
  }, { rootMargin: "200px" });
  watch.observe(frame);
})();
