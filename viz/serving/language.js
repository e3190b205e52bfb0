// Put into the page before the app starts: the page is said to be in the language that it is written in.

(() => {
  const said = document.getElementsByClassName("spoken");
  new MutationObserver(() => {
    const language = said[0]?.lang;
    if (language && document.documentElement.lang !== language) document.documentElement.lang = language;
  }).observe(document, { childList: true, subtree: true, attributeFilter: ["lang"] });
})();
