// Lighthouse, in the browser that the tests use, on the page as it runs.

import { createServer } from "node:net";
import lighthouse from "lighthouse";
import desktop from "lighthouse/core/config/desktop-config.js";
import { launch } from "../e2e/browser.mjs";

const CATEGORIES = ["performance", "accessibility", "best-practices", "seo"];

/// `[{ name, score, failing }]` by category; `failing` says which audits cost points and what they found.
export async function audits(url, theme) {
  const port = await freePort();
  const scheme = theme === "dark" ? ["--force-dark-mode", "--blink-settings=preferredColorScheme=0"] : [];
  const browser = await launch([`--remote-debugging-port=${port}`, ...scheme]);
  try {
    const result = await lighthouse(url, { port, logLevel: "error", onlyCategories: CATEGORIES }, desktop);
    const { lhr } = result;
    if (lhr.runtimeError) throw new Error(lhr.runtimeError.message);
    return Object.values(lhr.categories).map((category) => {
      const costly = category.auditRefs.filter(({ id, weight }) => weight > 0 && (lhr.audits[id].score ?? 1) < 1);
      const line = ({ id }) => [id, lhr.audits[id].displayValue ?? "", items(lhr.audits[id])].filter(Boolean).join(": ");
      return { name: category.title, score: Math.round(category.score * 100), failing: costly.map(line) };
    });
  } finally {
    await browser.close();
  }
}

/// The first of what an audit found, in short.
function items(audit) {
  const found = (audit.details?.items ?? []).slice(0, 3);
  return found.map((item) => item.node?.selector ?? item.description ?? item.url ?? "").filter(Boolean).join(", ");
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
