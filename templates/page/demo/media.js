// 照片 and 语音: samples, a file of one's own, or the microphone.
import { h } from "./dom.js";
import { sheet } from "./sheet.js";
import { post, toast, upload } from "./wire.js";

const query = (path, person) => `${path}?${new URLSearchParams({ user: person.wecom })}`;

export function photoSheet(person, cast) {
  const send = async (sample) => {
    dialog.close();
    await post("act/sample", { user: person.wecom, kind: "photo", sample });
  };
  const tiles = cast.photos.map((photo) => h("button", { type: "button", class: "tile", onclick: () => send(photo.id) }, h("img", { src: `sample/${photo.id}.jpg`, alt: "", width: 160, height: 120 }), photo.name));
  const dialog = sheet("照片", h("div", { class: "tiles" }, tiles), own("选自己的照片", "image/jpeg,image/png", (file) => { dialog.close(); return upload(query("act/photo", person), file); }));
}

export function voiceSheet(person, cast) {
  const send = async (sample) => {
    dialog.close();
    await post("act/sample", { user: person.wecom, kind: "voice", sample });
  };
  const rows = cast.clips.map((clip) =>
    h("button", { type: "button", class: "clip", onclick: () => send(clip.id) }, h("b", {}, `${clip.seconds.toFixed(0)}″`), h("span", {}, clip.words)),
  );
  const whole = (file) => {
    dialog.close();
    return upload(query("act/voice", person), file);
  };
  const dialog = sheet("语音", h("div", { class: "clips" }, rows), h("div", { class: "row-end" }, microphone(whole), own("选音频文件", "audio/*,.amr", whole)));
}

// A file of any kind, where the platform lets its bot have one.
export const fileButton = (who, css = "") => own("文件", "", (file) => upload(`act/file?${new URLSearchParams({ user: who(), name: file.name })}`, file), css);

function own(label, accept, take, css = "quiet") {
  const input = h("input", { type: "file", accept, class: "visually-hidden", onchange: () => { if (input.files[0]) take(input.files[0]); input.value = ""; } });
  return h("label", { class: `${css} file` }, input, label);
}

function microphone(done) {
  let recorder;
  let timer;
  const button = h("button", { type: "button", class: "quiet", onclick: () => (recorder ? recorder.stop() : start()) }, "用麦克风录");
  async function start() {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      const chunks = [];
      recorder = new MediaRecorder(stream);
      recorder.ondataavailable = (event) => chunks.push(event.data);
      recorder.onstop = () => finish(stream, new Blob(chunks, { type: recorder.mimeType }));
      recorder.start();
      const began = Date.now();
      timer = setInterval(() => (button.textContent = `结束录音 ${Math.floor((Date.now() - began) / 1000)}″`), 200);
    } catch {
      toast({ type: "warning", content: "没有可用的麦克风" });
    }
  }
  function finish(stream, blob) {
    clearInterval(timer);
    stream.getTracks().forEach((track) => track.stop());
    recorder = undefined;
    done(blob);
  }
  return button;
}
