// The keyboard on a figure that plays: arrows step through its frames, the space bar plays and pauses.

const MOVES = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity };

/** Do what the pressed key means for the drawn figure `gd`; leave every other key to the page. */
export function walkFrames(Plotly, gd, event) {
  const slider = gd._fullLayout?.sliders?.[0];
  if (!slider?.steps?.length || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === " ") toggle(Plotly, gd);
  else if (event.key in MOVES) step(Plotly, gd, slider, MOVES[event.key]);
  else return;
  event.preventDefault();
}

function step(Plotly, gd, slider, move) {
  const next = Math.min(Math.max(slider.active + move, 0), slider.steps.length - 1);
  run(Plotly, gd, slider.steps[next].args);
}

/** Play and pause are the figure's own buttons, in this order. */
function toggle(Plotly, gd) {
  const playing = gd._transitionData?._frameQueue?.length > 0;
  const button = gd._fullLayout.updatemenus?.[0]?.buttons?.[playing ? 1 : 0];
  if (button) run(Plotly, gd, button.args);
}

function run(Plotly, gd, args) {
  Plotly.animate(gd, ...args).catch(() => {}); // interrupted by the next key
}
