// Where the device is: several fixes, and its battery where the browser tells it.
const ENOUGH = 5;
const LONGEST = 10000;
const LEAST = 3000;
const options = { enableHighAccuracy: true, maximumAge: 0, timeout: LONGEST };

// [lat, lng, accuracy, moment] each. Rejects with `denied` or `unavailable` when there is none at all.
export function fixes(progress) {
  return new Promise((resolve, reject) => {
    if (!navigator.geolocation) return reject(new Error("unavailable"));
    const found = [];
    const began = performance.now();
    let problem = "unavailable";
    const take = ({ coords }) => {
      found.push([coords.latitude, coords.longitude, coords.accuracy ?? null, performance.now()]);
      progress(found.length);
      look();
    };
    const fail = (error) => {
      if (error.code === error.PERMISSION_DENIED) problem = "denied";
      if (!found.length) end();
    };
    const watch = navigator.geolocation.watchPosition(take, fail, options);
    const ask = setInterval(() => found.length && navigator.geolocation.getCurrentPosition(take, () => {}, options), 1000); // a device at rest reports once
    const last = setTimeout(end, LONGEST);
    function look() {
      const passed = performance.now() - began;
      const places = new Set(found.map(([lat, lng]) => `${lat} ${lng}`)).size;
      if (found.length >= ENOUGH && (places > 2 || found.length >= 2 * ENOUGH) && passed > LEAST) end();
    }
    function end() {
      navigator.geolocation.clearWatch(watch);
      clearInterval(ask);
      clearTimeout(last);
      found.length ? resolve(found) : reject(new Error(problem));
    }
  });
}

export async function battery() {
  try {
    return (await navigator.getBattery()).level;
  } catch {
    return null; // most phones tell a page nothing
  }
}
