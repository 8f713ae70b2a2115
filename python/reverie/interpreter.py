"""Which interpreter may use the module: the process's first."""


def refuse_others():
    """Raises ImportError in a second interpreter of one process: MuJoCo's handlers and LibTorch are the process's."""
    try:
        import _interpreters as interpreters  # Python 3.13 and newer
    except ImportError:
        try:
            import _xxsubinterpreters as interpreters
        except ImportError:
            return
    if interpreters.get_current() != interpreters.get_main():
        raise ImportError("reverie works in a process's main interpreter alone, and this is another; use a process")
