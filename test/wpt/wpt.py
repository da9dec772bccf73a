"""What a checkout of web-platform-tests does by its own tools.

`pages CHECKOUT` writes the pages of its tests of WebSocket as JSON; `serve CHECKOUT CONFIG [SCRIPT]` runs its servers,
with SCRIPT in front of each page, until it is stopped.
"""

import json
import os
import signal
import sys

command, checkout, *rest = sys.argv[1:]
sys.path.insert(0, checkout)
from tools import localpaths  # noqa: E402,F401 - it puts the other tools on the path


def pages():
    from manifest.sourcefile import SourceFile

    found = []
    for folder, _, files in os.walk(os.path.join(checkout, "websockets")):
        for file in files:
            path = os.path.relpath(os.path.join(folder, file), checkout)
            for item in SourceFile(checkout, path, "/").manifest_items()[1]:
                if item.item_type == "testharness":
                    scheme = "h2" if item.h2 else "https" if item.https else "http"
                    found.append({"url": item.url, "scheme": scheme, "long": item.timeout == "long"})
    json.dump(sorted(found, key=lambda page: page["url"]), sys.stdout)


def serve(config, script=None):
    from serve import serve as server
    from wptserve.handlers import PythonScriptHandler

    def routes(*given):
        builder = server.get_route_builder(*given)
        for mounted in builder.mountpoint_routes.values():
            # a script is put into pages; the tool fails where a program's answer has no type
            mounted[:] = [
                (method, path, handler.wrap)
                if isinstance(getattr(handler, "wrap", None), PythonScriptHandler)
                else (method, path, handler)
                for method, path, handler in mounted
            ]
        return builder

    # to it an interrupt is the order to end
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    server.run(route_builder=routes, config_path=config, inject_script=script)


if __name__ == "__main__":
    {"pages": pages, "serve": serve}[command](*rest)
