// A photo from the page's own finder; where that cannot be had, from the phone's camera app.
const find = (id) => document.getElementById(id);

// {blob, live}, or null when nothing was taken.
export async function shot(explain) {
  const stream = await opened();
  if (stream) return finder(stream);
  explain();
  return chosen();
}

async function opened() {
  try {
    const video = { facingMode: { ideal: "environment" }, width: { ideal: 1920 }, height: { ideal: 1440 } };
    return await navigator.mediaDevices.getUserMedia({ video });
  } catch {
    return null;
  }
}

async function finder(stream) {
  const [dialog, video] = [find("camera"), find("finder")];
  video.srcObject = stream;
  dialog.showModal();
  video.play().catch(() => {});
  try {
    return await new Promise((resolve) => {
      find("camera-off").onclick = () => dialog.close();
      dialog.onclose = () => resolve(null);
      find("shutter").onclick = () => {
        if (!video.videoWidth) return;
        const canvas = document.createElement("canvas");
        [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
        canvas.getContext("2d").drawImage(video, 0, 0);
        canvas.toBlob((blob) => resolve(blob && { blob, live: true }), "image/jpeg", 0.92);
      };
    });
  } finally {
    for (const track of stream.getTracks()) track.stop();
    dialog.onclose = null;
    dialog.close();
    video.srcObject = null;
  }
}

function chosen() {
  const input = find("file");
  input.value = "";
  return new Promise((resolve) => {
    input.onchange = () => resolve(input.files[0] ? { blob: input.files[0], live: false } : null);
    input.oncancel = () => resolve(null);
    input.click();
  });
}
