"""How a gateway comes up with nothing installed: what is run there before it has our modules.

1. The *command line* starts Python, which greets (see ``greeting.py``) and runs the line of
   source that it reads next.  It may meet any shell and any Python.
2. That line reads the bundle (see ``pack.py``) and hands over to ``bootstrap.py``, the first
   of the modules in it.

Nothing is sent before the greeting has come, so that no profile of a shell can eat it.
"""

from __future__ import annotations

MARK = b"\0clush "  # begins the greeting; no profile prints this

# -E, -s, -S: the environment, the user's and the site's packages are none of our business,
# and cost time.  No character in it means anything within the single quotes of any shell, or
# to a transport that fills in placeholders (%).  The line is read byte by byte: nothing may
# be taken that comes after it.
_GREET = (
    "import sys,posix as p;"
    'p.write(1,(chr(0)+"clush "+hex(sys.hexversion)+" "+str('
    'sys.version_info>(3,9)and sys.meta_path[-1].find_spec("_bz2")and'
    ' __import__("_frozen_importlib_external").MAGIC_NUMBER.hex()'
    ")+chr(10)).encode());"
    'exec(eval(b"".join(iter(lambda:p.read(0,1)or sys.exit(1),chr(10).encode()))))'
)

# Runs where the greeting ran, in the names of that (p is `posix`).  What lies about in the
# directory it was started in is none of our modules.
_RECEIVE = """\
sys.path[:] = filter(None, sys.path)
import marshal, {codec}
bundle = b""
while len(bundle) < {size}:
    bundle += p.read(0, {size} - len(bundle)) or sys.exit(1)
modules = marshal.loads({codec}.decompress(bundle))
first = type(sys)("clush.tree.bootstrap")
sys.modules[first.__name__] = first
exec(modules[first.__name__], first.__dict__)
first.start(modules, bundle)
"""


def command_line(python: str = "python3") -> str:
    """What a gateway's login shell, whichever it is, is asked to run.

    ``python`` is words of that shell: a name, or a path with arguments.  The shell stays to
    tell how Python ended (`exit` by itself has that code): ssh alone does not tell a gateway
    that was killed from a connection that was lost.
    """
    return f"{python} -ESs -c '{_GREET}'; exit"


def delivery(bundle: bytes) -> bytes:
    """What is to be sent when the greeting has come; frames may follow it at once."""
    codec = "bz2" if bundle.startswith(b"BZh") else "zlib"
    return repr(_RECEIVE.format(codec=codec, size=len(bundle))).encode() + b"\n" + bundle
