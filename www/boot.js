// Starts the page: imports wasm-bindgen's JavaScript and runs the wasm module's `main`. Trunk would write this inline
// into index.html; as a file of its own the page needs no inline script, and so no exception in a strict content
// security policy. Trunk.toml puts the two hashed names on the script's element.

const { glue, wasm } = document.querySelector("script[data-glue]").dataset;

try {
  const { default: init } = await import(new URL(glue, document.baseURI));
  await init({ module_or_path: new URL(wasm, document.baseURI) });
} catch (error) {
  const note = document.createElement("p");
  note.setAttribute("role", "alert");
  note.textContent = `The simulation could not be started: ${error}. It needs a browser with WebAssembly.`;
  document.body.append(note);
  throw error;
}
