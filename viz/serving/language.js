// Put into the page before the app starts: the page is said to be in the language that it is written in, and what
// Streamlit writes around it is put into that language too, as far as viz/params/frame.py has the words.

(() => {
  const said = document.getElementsByClassName("spoken");
  const FIELD = /\{n\}|\{text\}/;
  const ATTRIBUTES = ["aria-label", "placeholder", "title", "alt", "data-words", "lang"];
  const THEIRS = "[data-testid=stMarkdownContainer], [data-testid=stHtml], [data-testid=stSelectbox], "
    + "[data-testid=stMultiSelect], [role=listbox], canvas, textarea"; // where people's own words may stand
  const OURS = "[data-testid=stFileUploader] button";
  let held; // the words as they came
  let words = new Map();
  let pairs = []; // all of them, with what is put in their place
  let patterns = []; // of words with a number or a text in them

  const escaped = (text) => text.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace("{n}", "([\\d.,]+)").replace("{text}", "(.+)");
  const pattern = (from, to) => [new RegExp(`^${escaped(from)}$`), to.replace(FIELD, "$1")];

  const other = (text) => {
    const plain = text.trim().replace(/\s+/g, " ");
    if (!plain || plain.length > 400) return text;
    const found = words.get(plain);
    if (found) return found;
    for (const [pattern, put] of patterns) if (pattern.test(plain)) return plain.replace(pattern, put);
    return text;
  };

  const turn = (node) => {
    const place = node.parentElement;
    if (node.nodeType === Node.TEXT_NODE && (!place?.closest(THEIRS) || place.closest(OURS))) {
      const found = other(node.data);
      if (found !== node.data) node.data = found;
    }
    for (const name of node.nodeType === Node.ELEMENT_NODE ? ATTRIBUTES.slice(0, 4) : []) {
      const value = node.getAttribute(name);
      if (value && other(value) !== value) node.setAttribute(name, other(value));
    }
  };

  const turnAll = (root) => {
    turn(root);
    const nodes = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    while (nodes.nextNode()) turn(nodes.currentNode);
  };

  const load = (given) => {
    held = given;
    const [plain, filled] = [pairs.filter(([own]) => !FIELD.test(own)), pairs.filter(([own]) => FIELD.test(own))];
    words = new Map(plain.map(([own, put]) => [put, own])); // back to Streamlit's own
    patterns = filled.map(([own, put]) => pattern(put, own));
    if (pairs.length && document.body) turnAll(document.body);
    pairs = Object.entries(JSON.parse(given || "{}"));
    words = new Map(pairs.filter(([own]) => !FIELD.test(own)));
    patterns = pairs.filter(([own]) => FIELD.test(own)).map(([own, put]) => pattern(own, put));
    if (pairs.length && document.body) turnAll(document.body);
  };

  new MutationObserver((changes) => {
    const language = said[0]?.lang;
    if (language && document.documentElement.lang !== language) document.documentElement.lang = language;
    const given = said[0]?.dataset.words ?? (said[0] ? "" : held);
    if (given !== held) load(given);
    if (!words.size) return;
    for (const { type, target, addedNodes } of changes) {
      if (type === "childList") addedNodes.forEach(turnAll);
      else turn(target);
    }
  }).observe(document, { childList: true, subtree: true, characterData: true, attributeFilter: ATTRIBUTES });
})();
