// A recording of at most sixty seconds, counted down.
const LONGEST = 60;
const find = (id) => document.getElementById(id);
const KINDS = ["audio/mp4", "audio/webm;codecs=opus", "audio/ogg;codecs=opus"];

// The blob, or null when it was given up. Rejects where there is no microphone.
export async function recorded() {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const kind = KINDS.find((one) => MediaRecorder.isTypeSupported(one));
  const recorder = new MediaRecorder(stream, { ...(kind && { mimeType: kind }), audioBitsPerSecond: 32000 });
  const [dialog, pieces] = [find("recorder"), []];
  let kept = true;
  recorder.ondataavailable = ({ data }) => data.size && pieces.push(data);
  const end = () => recorder.state !== "inactive" && recorder.stop();
  find("voice-done").onclick = end;
  find("voice-off").onclick = dialog.onclose = () => {
    kept = false;
    end();
  };
  dialog.showModal();
  const began = performance.now();
  const show = () => {
    const spent = (performance.now() - began) / 1000;
    find("left").textContent = String(Math.max(0, Math.ceil(LONGEST - spent)));
    find("spent").value = Math.min(LONGEST, spent);
    if (spent >= LONGEST - 0.3) end(); // a container counts a little more than the clock
  };
  show();
  const timer = setInterval(show, 200);
  try {
    await new Promise((resolve) => {
      recorder.onstop = resolve;
      recorder.start();
    });
  } finally {
    clearInterval(timer);
    for (const track of stream.getTracks()) track.stop();
    dialog.onclose = null;
    dialog.close();
  }
  return kept ? new Blob(pieces, { type: recorder.mimeType }) : null;
}
