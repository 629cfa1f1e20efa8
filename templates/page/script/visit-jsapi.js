// The chat client's own JSAPI, where the company has put the platform's kit beside us: its position and, in DingTalk, its battery.
const PATIENCE = 6000;
const ROUNDS = 5;
const PAUSE = 900;

const within = (promise) => Promise.race([promise, new Promise((_, no) => setTimeout(() => no(new Error("unavailable")), PATIENCE))]);
const called = (act) => within(new Promise((yes, no) => act(yes, (why) => no(new Error(String(why?.errCode ?? why?.errMsg ?? "unavailable"))))));
const NEEDED = { wecom: ["getLocation"], feishu: [], dingtalk: ["getLocation", "getSystemInfo"] };

const CLIENTS = {
  wecom: {
    there: () => window.wx?.config,
    open: (told, yes, no) => {
      wx.config({ beta: true, debug: false, appId: told.appId, timestamp: told.timestamp, nonceStr: told.nonceStr, signature: told.signature, jsApiList: NEEDED.wecom });
      wx.ready(yes);
      wx.error(no);
    },
    place: (yes, no) => wx.getLocation({ type: "wgs84", success: yes, fail: no, cancel: no }),
    battery: null,
  },
  feishu: {
    there: () => window.h5sdk?.config,
    open: (told, yes, no) => {
      h5sdk.error(no);
      h5sdk.config({ appId: told.appId, timestamp: told.timestamp, nonceStr: told.nonceStr, signature: told.signature, jsApiList: NEEDED.feishu, onSuccess: yes, onFail: no });
    },
    place: (yes, no) => tt.getLocation({ accuracy: "best", timeout: 5, cacheTimeout: 0, success: yes, fail: no }),
    battery: null,
  },
  dingtalk: {
    there: () => window.dd?.config,
    open: (told, yes, no) => {
      dd.config({ agentId: told.agentId, corpId: told.corpId, timeStamp: told.timestamp, nonceStr: told.nonceStr, signature: told.signature, type: 0, jsApiList: NEEDED.dingtalk });
      dd.ready(yes);
      dd.error(no);
    },
    place: (yes, no) => dd.getLocation({ type: 0, useCache: false, coordinate: "0", withReGeocode: false, targetAccuracy: "50", success: yes, fail: no }),
    battery: (yes, no) => dd.getSystemInfo({ success: yes, fail: no }),
  },
};

// null where the page must help itself.
export async function bridge(page, platform) {
  const client = CLIENTS[platform];
  if (!client?.there()) return null;
  try {
    const url = location.href.split("#")[0];
    const answer = await fetch(`/visit/${page}/jsapi?url=${encodeURIComponent(url)}`, { headers: { accept: "application/json" } });
    if (!answer.ok) return null;
    const told = await answer.json();
    await called((yes, no) => client.open(told, yes, no));
    return { fixes: (progress) => fixes(client, progress), battery: () => battery(client) };
  } catch {
    return null;
  }
}

async function fixes(client, progress) {
  const found = [];
  let datum;
  for (let round = 0; round < ROUNDS; round++) {
    const told = await called(client.place).catch(() => null);
    const said = told?.type === "gcj02" ? "gcj02" : "wgs84";
    if (told && Number.isFinite(Number(told.latitude)) && (datum ??= said) === said) {
      const accuracy = Number(told.horizontalAccuracy ?? told.accuracy);
      found.push([Number(told.latitude), Number(told.longitude), Number.isFinite(accuracy) ? accuracy : null, performance.now()]);
      progress(found.length);
    }
    if (!told && !found.length) break;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  if (!found.length) throw new Error("unavailable");
  return { found, datum };
}

async function battery(client) {
  if (!client.battery) return null;
  const told = await called(client.battery).catch(() => null);
  const level = Number.parseFloat(told?.currentBattery); // "83%"
  return level >= 0 && level <= 100 ? level / 100 : null;
}
