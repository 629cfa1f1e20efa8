"""wechatpy's callback crypto without the rest of wechatpy.

Its packages' `__init__` import the whole client with requests and urllib3 (165 ms, 39 MB). Bare parent modules that only know the real
path let Python import `wechatpy.enterprise.crypto` alone; they are taken out again, so that a later `import wechatpy` gets the real one.
"""

import importlib
import sys
from importlib.util import find_spec
from types import ModuleType
from typing import Any

PACKAGES = ("wechatpy", "wechatpy.enterprise")


def prp_crypto() -> Any:
    """Return the class `wechatpy.enterprise.crypto.PrpCrypto`. Raises ImportError when wechatpy is not installed."""
    if PACKAGES[0] in sys.modules:
        return importlib.import_module("wechatpy.enterprise.crypto").PrpCrypto
    spec = find_spec(PACKAGES[0])
    if spec is None or not spec.submodule_search_locations:
        raise ImportError("wechatpy is not installed")
    root = spec.submodule_search_locations[0]
    for name in PACKAGES:
        bare = ModuleType(name)
        bare.__path__ = [root + name.removeprefix(PACKAGES[0]).replace(".", "/")]
        sys.modules[name] = bare
    try:
        return importlib.import_module("wechatpy.enterprise.crypto").PrpCrypto
    finally:
        for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGES[0]]:
            del sys.modules[name]
