"""The platform's side of the callback crypto, written from the document and not from the product: it must not share its mistakes."""

import base64
import hashlib
import os

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

AES_BLOCK_BITS = 128


def encrypt(plain: bytes, encrypt_key: str, *, iv: bytes | None = None) -> str:
    """Return base64(IV + AES-256-CBC(PKCS7(plain))), key = SHA-256 of the Encrypt Key."""
    iv = os.urandom(16) if iv is None else iv
    padder = padding.PKCS7(AES_BLOCK_BITS).padder()
    encryptor = Cipher(algorithms.AES(hashlib.sha256(encrypt_key.encode()).digest()), modes.CBC(iv)).encryptor()
    return base64.b64encode(iv + encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()).decode()


def signature(timestamp: str, nonce: str, encrypt_key: str, body: bytes) -> str:
    """Return the hex of SHA-256(timestamp + nonce + Encrypt Key + raw body)."""
    return hashlib.sha256(f"{timestamp}{nonce}{encrypt_key}".encode() + body).hexdigest()
