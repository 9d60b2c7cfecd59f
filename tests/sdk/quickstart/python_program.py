# SPDX-License-Identifier: Apache-2.0
"""python_program.py FILE: runs a program as a notebook would: `await` may stand outside functions, as it does in READMEs."""

import ast
import asyncio
import inspect
import sys
from pathlib import Path

path = Path(sys.argv[1])
code = compile(path.read_text(), path.name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
names = {"__name__": "__main__", "__file__": str(path)}
if code.co_flags & inspect.CO_COROUTINE:
    result = eval(code, names)  # nothing but a coroutine: the program has not begun
    asyncio.run(result)
else:
    exec(code, names)
