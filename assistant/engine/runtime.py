"""OpenVINO, imported so that it stays silent."""

import sys
from functools import cache
from typing import Any


@cache
def openvino() -> Any:
    """The package without its telemetry. Every use in this project goes through here.

    A plain `import openvino` reports itself to a web service and keeps a client's id in the home folder
    (opt-out). With `openvino_telemetry` not importable it takes its own stub instead, which does nothing.
    """
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    import openvino

    return openvino
