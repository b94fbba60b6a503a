// A static server for dist/ or another folder, as plain as a host can be: loopback only, a free port, right types. The page brings its own
// content security policy (xtask/src/finish.rs), and the tests see whatever would violate it as a complaint.

import { createReadStream, existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { createServer } from "node:http";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress } from "node:zlib";

const DIST = fileURLToPath(new URL("../../dist/", import.meta.url));

const compress = promisify(brotliCompress);

const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
};

/// Serves dist/ under `base` ("/", or a folder as on a project's page): `{ url, close }`. `compressed` sends Brotli, as hosts
/// of static pages do. `root` is another folder to serve, its path ending with a slash.
export async function serve({ base = "/", compressed = false, root = DIST } = {}) {
  if (root === DIST && !existsSync(path.join(DIST, "index.html"))) {
    throw new Error("dist/index.html is missing: build the page with `cargo xtask build`");
  }
  const server = createServer((request, response) => answer(root, base, compressed, request, response));
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${server.address().port}${base}`,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(root, base, compressed, request, response) {
  const file = fileFor(root, base, request.url);
  const found = file && (await stat(file).catch(() => null));
  if (!found?.isFile()) {
    response.writeHead(404, { "content-type": "text/plain; charset=utf-8" }).end("not found\n");
    return;
  }
  const headers = {
    "content-type": TYPES[path.extname(file)] ?? "application/octet-stream",
    "x-content-type-options": "nosniff",
    "cache-control": "no-cache",
    // The figure may stand in a frame without an origin, whose scripts are fetched as from elsewhere.
    "access-control-allow-origin": "*",
  };
  if (compressed && /\bbr\b/.test(request.headers["accept-encoding"] ?? "")) {
    const body = await brotli(file);
    response.writeHead(200, { ...headers, "content-encoding": "br", "content-length": body.length }).end(body);
    return;
  }
  response.writeHead(200, { ...headers, "content-length": found.size });
  createReadStream(file).pipe(response);
}

const packed = new Map();

/// A file as Brotli makes it, once.
async function brotli(file) {
  if (!packed.has(file)) packed.set(file, compress(await readFile(file)));
  return packed.get(file);
}

/// The file in `root` that a request asks for; null for what lies outside of it.
function fileFor(root, base, url) {
  const { pathname } = new URL(url, "http://localhost");
  if (!pathname.startsWith(base)) return null;
  let inside;
  try {
    inside = decodeURIComponent(pathname.slice(base.length)) || "index.html";
  } catch {
    return null;
  }
  const file = path.resolve(root, inside);
  return file.startsWith(root) ? file : null;
}
