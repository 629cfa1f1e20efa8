"""The platform's side of the callback crypto, written from the protocol alone so that an error of the product's does not cancel out."""

import base64
import hashlib
import secrets
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32  # WeCom pads to 32 bytes, not to AES's 16


class Seal:
    """Encrypts and signs what the platform sends to one app."""

    def __init__(self, token: str, aes_key: str, receiver: str) -> None:
        self._token = token
        self._receiver = receiver.encode()
        key = base64.b64decode(aes_key + "=")
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16]))

    def lock(self, plain: bytes) -> str:
        """Encrypt: 16 random bytes, length, message, receiver id, padding; as base64."""
        body = secrets.token_bytes(16) + struct.pack(">I", len(plain)) + plain + self._receiver
        pad = BLOCK - len(body) % BLOCK
        return self.raw(body + bytes([pad]) * pad)

    def raw(self, blocks: bytes) -> str:
        """Encrypt whole blocks as they are (for hostile tests: what is inside need not make sense)."""
        encryptor = self._cipher.encryptor()
        return base64.b64encode(encryptor.update(blocks) + encryptor.finalize()).decode()

    def sign(self, timestamp: str, nonce: str, locked: str) -> str:
        """SHA-1 over the four values, sorted and joined without a separator."""
        return hashlib.sha1("".join(sorted([self._token, timestamp, nonce, locked])).encode(), usedforsecurity=False).hexdigest()
