"""Reaching into MiniStack's private names, loudly.

What is added here hangs on names that MiniStack may rename in any release. Each is
looked up once, at the start, so that a wrong version says so before the first test.
"""

missing = []


def need(module, name):
    """The private name of a module; what is missing is told by `check`."""
    if not hasattr(module, name):
        missing.append(f"{module.__name__}.{name}")
        return None
    return getattr(module, name)


def replace(module, name, function):
    """Puts our function in the place of a private one, which it gets first."""
    original = need(module, name)
    if original is not None:
        setattr(module, name, function(original))


def check():
    """Ends the program if a name that is needed is not there."""
    if missing:
        raise SystemExit(
            "this version of MiniStack is not the one that the launcher knows; it lacks "
            + ", ".join(sorted(missing))
        )
