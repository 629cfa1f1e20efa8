// What this browser keeps for the visit page: the device's key, and what could not be sent yet.
let opening;

function opened() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("salestrace", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("keys");
      request.result.createObjectStore("queue", { keyPath: "id" });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opening;
}

async function within(store, mode, act) {
  const transaction = (await opened()).transaction(store, mode);
  return new Promise((resolve, reject) => {
    const request = act(transaction.objectStore(store));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}

export const put = (item) => within("queue", "readwrite", (store) => store.put(item));
export const drop = (id) => within("queue", "readwrite", (store) => store.delete(id));
export const queued = async (page) => (await within("queue", "readonly", (store) => store.getAll())).filter((item) => item.page === page).sort((a, b) => a.order - b.order);
const known = (person) => within("keys", "readonly", (store) => store.get(person));

// A key that no script can read out. Two pages that make one at once end with the same: the first stays.
export async function deviceKey(person) {
  const found = await known(person);
  if (found) return found;
  const made = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
  await within("keys", "readwrite", (store) => store.add(made, person)).catch(() => {});
  return known(person);
}
