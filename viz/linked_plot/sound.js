// The sound that a figure shows: a player under it, and a line that moves over the figure with what is heard.

export class Sound {
  constructor(box, say) {
    Object.assign(this, { box, say });
    this.player = Object.assign(document.createElement("audio"), { className: "linked-plot-player", controls: true, preload: "auto" });
    this.cursor = Object.assign(document.createElement("div"), { className: "linked-plot-cursor", hidden: true });
    this.moves = ["timeupdate", "seeking", "seeked", "pause", "ended"];
    for (const name of this.moves) this.player.addEventListener(name, () => this.place());
    this.player.addEventListener("play", () => this.follow());
    this.player.addEventListener("ended", () => this.say(null));
    box.append(this.cursor, this.player);
  }

  /** Take another sound, a WAV file in base64, and what the figure's horizontal axis shows at its start and a second later. */
  load(sound, clock, label) {
    this.clock = clock;
    this.player.setAttribute("aria-label", label);
    if (sound === this.sound) return this.place();
    this.sound = sound;
    this.forget();
    const bytes = Uint8Array.from(atob(sound), (sign) => sign.charCodeAt(0));
    this.address = URL.createObjectURL(new Blob([bytes], { type: "audio/wav" }));
    this.player.src = this.address;
    this.cursor.hidden = true;
  }

  /** Put the line where the sound is, in the drawn figure `gd`. */
  place(gd = this.gd) {
    this.gd = gd;
    const axis = gd?._fullLayout?.xaxis;
    if (!axis || !this.clock) return;
    const item = this.clock.start + this.clock.rate * this.player.currentTime;
    const x = axis.d2p(item);
    const { t, h } = gd._fullLayout._size;
    this.cursor.hidden = this.player.currentTime === 0 || x < 0 || x > axis._length;
    Object.assign(this.cursor.style, { left: `${axis._offset + x}px`, top: `${t}px`, height: `${h}px` });
    if (this.player.paused) return;
    this.say(Math.max(0, Math.round(item)));
    this.box.scrollLeft = axis._offset + x - this.box.clientWidth / 2; // where the figure is wider than the page
  }

  follow() {
    if (this.player.paused || this.player.ended) return;
    this.place();
    requestAnimationFrame(() => this.follow());
  }

  forget() {
    if (this.address) URL.revokeObjectURL(this.address);
    this.address = null;
  }

  remove() {
    this.player.pause();
    this.forget();
    this.player.remove();
    this.cursor.remove();
  }
}
