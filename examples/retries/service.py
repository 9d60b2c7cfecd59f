# SPDX-License-Identifier: Apache-2.0
"""What both programs share: one request, and its answer or what went wrong."""

import json
import os
import urllib.request


def ask(method, path, body=None):
    request = urllib.request.Request(os.environ["OZ_API_BASE_URL"] + path, method=method,
                                     data=None if body is None else json.dumps(body).encode(),
                                     headers={"Authorization": f"Bearer {os.environ['WARP_API_KEY']}", "Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)
