"""What the stand-ins send when somebody sends "a photo": small things made here, that a browser can show."""

from __future__ import annotations

import io
import math
import struct
import wave
import zlib
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Sample:
    """A picture, a sound or a file: its content type, its bytes, and what its sender called it."""

    type: str
    content: bytes
    name: str = ""

    def __repr__(self) -> str:
        return f"Sample(type={self.type!r}, bytes={len(self.content)})"


@cache
def sample(what: str) -> Sample:
    """One to send: "photo", "voice" or "file"; anything else is a video that no player can play."""
    if what == "photo":
        return Sample("image/png", _picture(320, 240), "photo.png")
    if what in ("voice", "audio"):
        return Sample("audio/wav", _sound(seconds=2), "voice.wav")
    if what in ("file", "document"):
        return Sample("application/pdf", _paper("A letter, for practice"), "letter.pdf")
    return Sample("video/mp4", b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "video.mp4")


def _picture(width: int, height: int) -> bytes:
    """A hill under a sky, as PNG (w3.org/TR/png)."""

    def colour(x: int, y: int) -> bytes:
        hill = height * (0.65 - 0.2 * math.sin(math.pi * x / width))
        if (x - 0.8 * width) ** 2 + (y - 0.2 * height) ** 2 < (0.09 * width) ** 2:
            return b"\xff\xd7\x4d"
        return b"\x3f\x7d\x3a" if y > hill else b"\xa8\xd4\xf0"

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"".join(colour(x, y) for x in range(width)) for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows, 9))
        + chunk(b"IEND", b"")
    )


def _sound(seconds: float, rate: int = 8000) -> bytes:
    """Two soft tones, as WAV."""
    made = io.BytesIO()
    with wave.open(made, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        samples = int(seconds * rate)
        tones = (
            int(6000 * math.sin(2 * math.pi * (440 if n < samples / 2 else 330) * n / rate))
            for n in range(samples)
        )
        sound.writeframes(struct.pack(f"<{samples}h", *tones))
    return made.getvalue()


def _paper(words: str) -> bytes:
    """One page with a line on it, as PDF 1.4."""
    drawn = f"BT /F1 24 Tf 72 720 Td ({words}) Tj ET".encode("ascii")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(drawn), drawn),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    made, places = b"%PDF-1.4\n", []
    for n, one in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%b\nendobj\n" % (n, one)
    table = b"".join(b"%010d 00000 n \n" % at for at in places)
    size = len(objects) + 1
    return (
        made
        + b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n<< /Size %d /Root 1 0 R >>\n" % (size, table, size)
        + b"startxref\n%d\n%%%%EOF\n" % len(made)
    )
