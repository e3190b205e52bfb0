// Streamlit sends this with every answer, so it is short: the component itself is a file of this server, which the browser keeps.
// Its address is counted from Streamlit's own script, two folders below the root, wherever the app is mounted.

export default async function mount(component) {
  const script = document.querySelector('script[src*="static/js/"]');
  const root = new URL("../../", script?.src ?? document.baseURI);
  let words = {};
  try {
    const data = JSON.parse(new TextDecoder().decode(component.data));
    ({ words = {} } = data);
    const module = await import(new URL(data.module, root));
    return module.default({ ...component, data, root });
  } catch (error) {
    console.error(error);
    const sentence = document.createElement("p");
    sentence.setAttribute("role", "alert");
    sentence.textContent = words.lost ?? "This part of the page could not be loaded: check the connection and reload the page.";
    component.parentElement.replaceChildren(sentence);
  }
}
