// Statements under the device's key, each over a nonce of the server that is good once and for minutes.
import { deviceKey } from "./visit-store.js";

const FRESH = 4000; // a nonce for now is asked for this long, then one that was kept must do
const LIFE = 14 * 60 * 1000;

const base64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));
const hex = (bytes) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
export const digest = async (bytes) => hex(await crypto.subtle.digest("SHA-256", bytes));

// A moment by both clocks: the one stops while a phone sleeps, the other may be set.
export const moment = () => ({ steady: performance.now(), wall: Date.now() });
export const since = (then) => Math.max(0, Math.round(Math.max(performance.now() - then.steady, Date.now() - then.wall)));

export class Signer {
  constructor(page, person, nonces) {
    Object.assign(this, { page, person, pool: [] });
    this.take(nonces);
  }

  take(nonces) {
    const at = moment();
    this.pool.push(...nonces.map((nonce) => ({ nonce, at })));
    this.pool = this.pool.filter((one) => since(one.at) < LIFE).slice(-16);
  }

  async nonce() {
    try {
      const answer = await fetch(`/visit/${this.page}/nonces`, { headers: { accept: "application/json" }, signal: AbortSignal.timeout(FRESH), cache: "no-store" });
      if (answer.ok) this.take((await answer.json()).nonces);
    } catch {
      // no network: one of those that are kept
    }
    this.pool = this.pool.filter((one) => since(one.at) < LIFE);
    return this.pool.pop();
  }

  async device() {
    const pair = await deviceKey(this.person);
    return (await digest(await crypto.subtle.exportKey("spki", pair.publicKey))).slice(0, 32);
  }

  // `made`: when it was made; what was made before its nonce came is as old as the nonce. Null without a nonce.
  async sign(facts, made) {
    const held = await this.nonce();
    if (!held) return null;
    const elapsed = made ? Math.max(0, since(held.at) - since(made)) : since(held.at);
    const statement = JSON.stringify({ ...facts, page: this.page, nonce: held.nonce, elapsed_ms: elapsed, clock: new Date().toISOString() });
    const pair = await deviceKey(this.person);
    const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, pair.privateKey, new TextEncoder().encode(statement));
    return { nonce: held.nonce, statement, signature: base64(signature), key: base64(await crypto.subtle.exportKey("spki", pair.publicKey)) };
  }
}

export const header = (signed) => base64(new TextEncoder().encode(JSON.stringify(signed)));
