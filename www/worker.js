// The worker's first breath: turns a plain module worker into a second instance of the page's own wasm module,
// so that the core crosses the wire only once.
//
// Its first message is `{ glue, module }`:
//   glue    absolute URL of the JavaScript that wasm-bindgen wrote; its name carries a hash, so only the page knows it
//   module  the page's compiled WebAssembly.Module
// `initSync` then runs `main` of src/bin/page.rs, which finds no `window`, sets the scope's `onmessage` (before it
// returns: what comes later is not kept) and is the worker from there on. Messages that came meanwhile are handed to it
// in their order. Whatever fails is answered with `{ error: string }`.
//
// The page's side in Rust (`import.meta.url`, seen from the glue, is the glue's own URL):
//
//     #[wasm_bindgen]
//     extern "C" {
//         type ImportMeta;
//         #[wasm_bindgen(method, getter)]
//         fn url(this: &ImportMeta) -> JsString;
//         #[wasm_bindgen(thread_local_v2, js_namespace = import, js_name = meta)]
//         static IMPORT_META: ImportMeta;
//     }
//
//     let options = WorkerOptions::new();
//     options.set_type(WorkerType::Module);
//     let worker = Worker::new_with_options("./worker.js", &options)?;
//     let start = Object::new();
//     Reflect::set(&start, &"glue".into(), &IMPORT_META.with(ImportMeta::url))?;
//     Reflect::set(&start, &"module".into(), &wasm_bindgen::module())?;
//     worker.post_message(&start)?; // further messages may follow at once

const early = [];
const keep = (event) => early.push(event);

addEventListener("message", start, { once: true });

async function start({ data: { glue, module } }) {
  addEventListener("message", keep);
  try {
    const { initSync } = await import(glue);
    initSync({ module });
  } catch (error) {
    postMessage({ error: String(error) });
    return;
  } finally {
    removeEventListener("message", keep);
  }
  for (const { data, ports } of early.splice(0)) dispatchEvent(new MessageEvent("message", { data, ports }));
}
