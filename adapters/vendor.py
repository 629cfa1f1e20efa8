"""One module of a vendor's kit without the rest of it.

A package's `__init__` may import a whole client with requests and urllib3 (wechatpy: 165 ms, 39 MB; dingtalk-sdk: 210 ms, 28 MB). Bare
parent modules that only know the real path let Python import one module alone; they are taken out again, so that a later import of the
package gets the real one.
"""

import importlib
import sys
from importlib.util import find_spec
from types import ModuleType


def alone(module: str) -> ModuleType:
    """Import `module` of a package. Raises ImportError when the package is not installed."""
    package, *_ = module.split(".")
    if package in sys.modules:
        return importlib.import_module(module)
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ImportError(f"{package} is not installed")
    root = spec.submodule_search_locations[0]
    for name in _parents(module):
        bare = ModuleType(name)
        bare.__path__ = [root + name.removeprefix(package).replace(".", "/")]
        sys.modules[name] = bare
    try:
        return importlib.import_module(module)
    finally:
        for name in [name for name in sys.modules if name.partition(".")[0] == package]:
            del sys.modules[name]


def _parents(module: str) -> list[str]:
    parts = module.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts))]
