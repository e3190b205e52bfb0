// Draws the figures of a report or a notebook's cell and points at one step in all of them. It needs Plotly in the page.
(root, figures) => {
  const drawn = [];
  const draw = () => {
    figures.forEach(({ data, layout, frames }, place) => {
      const gd = root.querySelectorAll(".gs-figure")[place];
      const line = gd.parentNode.querySelector(".gs-line");
      const plain = { ...layout, paper_bgcolor: "#fff", plot_bgcolor: "#fff", autosize: true };
      window.Plotly.newPlot(gd, data, plain, { responsive: true, displaylogo: false }).then(() => {
        if (frames && frames.length) window.Plotly.addFrames(gd, frames);
        if (!layout.meta?.link?.axis?.includes("x")) return;
        drawn.push([gd, line]);
        gd.on("plotly_hover", ({ points }) => point(points[0].x));
        gd.on("plotly_unhover", () => point(null));
      });
    });
  };
  const point = (step) => {
    for (const [gd, line] of drawn) {
      const { xaxis, _size } = gd._fullLayout;
      const left = step === null ? NaN : xaxis._offset + xaxis.l2p(step);
      const inside = left >= xaxis._offset && left <= xaxis._offset + xaxis._length;
      Object.assign(line.style, { display: inside ? "block" : "none", left: `${left}px`, top: `${_size.t}px`,
        height: `${_size.h}px` });
    }
  };
  let waits = 0;
  const wait = () => {
    if (window.Plotly) draw();
    else if (++waits < 200) setTimeout(wait, 50);
    else root.append("The figures need Plotly, which an earlier output of this notebook held: gs.show(…, plotly=True)");
  };
  wait();
}
