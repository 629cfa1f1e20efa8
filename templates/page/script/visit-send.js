// The queue: what was made is kept in this browser first, sent once, and dropped when the server has it.
import { drop, put, queued } from "./visit-store.js";
import { header } from "./visit-sign.js";

const csrf = document.querySelector("meta[name=csrf]").content;
const AGAIN = 10000;
const FILE = 120000;

class Gone extends Error {} // no network, or a server that cannot take it now

async function post(item) {
  const signed = { statement: item.signed.statement, signature: item.signed.signature, key: item.signed.key };
  const headers = { accept: "application/json", "x-csrf-token": csrf };
  const start = item.facts.what === "start";
  const given = start
    ? { headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify(signed) }
    : { headers: { ...headers, "content-type": "application/octet-stream", "x-signed": header(signed) }, body: item.bytes };
  try {
    return await fetch(`/visit/${item.page}/${start ? "start" : "file"}`, { method: "POST", signal: AbortSignal.timeout(start ? 15000 : FILE), ...given });
  } catch {
    throw new Gone();
  }
}

export class Sender {
  // `told(kind, detail)`: sent {item} | refused {item, code, message} | waiting | signin | changed {items}
  constructor(page, signer, told) {
    Object.assign(this, { page, signer, told, running: null });
    addEventListener("online", () => this.flush());
    setInterval(() => this.flush(), AGAIN);
  }

  async add(facts, bytes, made) {
    const signed = await this.signer.sign(facts, made);
    const item = { id: crypto.randomUUID(), order: Date.now(), page: this.page, facts, bytes, signed };
    if (!signed && facts.what === "start") return this.told("waiting", { lost: true });
    await put(item);
    await this.changed();
    return this.flush();
  }

  flush() {
    this.running ??= this.#locked().finally(() => (this.running = null));
    return this.running;
  }

  #locked() {
    return navigator.locks ? navigator.locks.request("visit-queue", () => this.#run()) : this.#run();
  }

  async #run() {
    for (const item of await queued(this.page)) {
      try {
        if (!(await this.#one(item))) break;
      } catch (error) {
        if (!(error instanceof Gone)) throw error;
        this.told("waiting", {});
        break;
      }
    }
    await this.changed();
  }

  async #one(item, again = false) {
    if (!item.signed) return this.#resign(item, again);
    const answer = await post(item);
    if (answer.ok) {
      this.signer.take((await answer.json()).nonces);
      await drop(item.id);
      await this.told("sent", { item });
      return true;
    }
    const { code, message } = (await answer.json().catch(() => ({}))).error ?? {};
    if (answer.status >= 500 || code === "digest") throw new Gone();
    if (answer.status === 401 || code === "csrf") {
      this.told("signin", {});
      return false;
    }
    if (code === "expired" && item.facts.what !== "start" && !again) return this.#resign(item, again);
    await drop(item.id);
    this.told("refused", { item, code, message: message ?? "没有发出去，请再试一次。" });
    return true;
  }

  async #resign(item, again) {
    if (again) throw new Gone();
    const signed = await this.signer.sign(item.facts, null);
    if (!signed) throw new Gone();
    await put({ ...item, signed });
    return this.#one({ ...item, signed }, true);
  }

  async changed() {
    this.told("changed", { items: await queued(this.page) });
  }
}
