"""Sound between browser and phone: what a browser records becomes AMR-NB as WeCom's client sends it; AMR becomes WAV to listen to."""

import io
import wave

import av
from av.audio.resampler import AudioResampler

RATE = 8000
MAGIC = b"#!AMR\n"
BITS = 12_200
OPUS_RATE = 48_000
LONGEST = 10 * 60 * RATE  # samples


def to_amr(data: bytes) -> bytes:
    """Return AMR-NB. Raises ValueError when there is no sound in it."""
    if data.startswith(MAGIC):
        return data
    pcm = _pcm(data)
    target = io.BytesIO()
    with av.open(target, "w", format="amr") as out:
        stream = out.add_stream("libopencore_amrnb", rate=RATE, layout="mono")
        stream.bit_rate = BITS
        frame = av.AudioFrame(format="s16", layout="mono", samples=len(pcm) // 2)
        frame.sample_rate = RATE
        frame.planes[0].update(pcm)
        resampler = AudioResampler(format="s16", layout="mono", rate=RATE, frame_size=160)
        for part in (*resampler.resample(frame), *resampler.resample(None), None):
            out.mux(stream.encode(part))
    return target.getvalue()


def to_opus(data: bytes) -> tuple[bytes, int]:
    """Return Opus in Ogg as Feishu's client sends it, and its milliseconds. Raises ValueError when there is no sound in it."""
    pcm = _pcm(data)
    target = io.BytesIO()
    with av.open(target, "w", format="ogg") as out:
        stream = out.add_stream("libopus", rate=OPUS_RATE, layout="mono")
        frame = av.AudioFrame(format="s16", layout="mono", samples=len(pcm) // 2)
        frame.sample_rate = RATE
        frame.planes[0].update(pcm)
        resampler = AudioResampler(format="s16", layout="mono", rate=OPUS_RATE, frame_size=OPUS_RATE // 50)
        for part in (*resampler.resample(frame), *resampler.resample(None), None):
            out.mux(stream.encode(part))
    return target.getvalue(), len(pcm) // 2 * 1000 // RATE


def to_wav(data: bytes) -> bytes:
    """Return mono PCM in a WAV file. Raises ValueError when there is no sound in it."""
    target = io.BytesIO()
    with wave.open(target, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(_pcm(data))
    return target.getvalue()


def _pcm(data: bytes) -> bytes:
    """Decode to 8 kHz mono 16-bit."""
    parts: list[bytes] = []
    try:
        with av.open(io.BytesIO(data), "r") as source:
            resampler = AudioResampler(format="s16", layout="mono", rate=RATE)
            for frame in source.decode(audio=0):
                parts += [_bytes(part) for part in resampler.resample(frame)]
                if sum(map(len, parts)) > LONGEST * 2:
                    break
            parts += [_bytes(part) for part in resampler.resample(None)]
    except (av.FFmpegError, IndexError) as error:
        raise ValueError("no sound") from error
    if not any(parts):
        raise ValueError("no sound")
    return b"".join(parts)


def _bytes(frame: av.AudioFrame) -> bytes:
    return bytes(frame.planes[0])[: frame.samples * 2]
