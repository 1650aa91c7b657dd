"""MiniStack's stores, which many threads read while others write.

A store is read by copying it. Python may collect garbage meanwhile, which lets another
thread write, and the copy then fails with a word on its size. It is made again.
"""

from ministack.core import responses

from private import replace

_STORES = ("AccountScopedDict", "AccountRegionScopedDict")
_READS = ("__len__", "__bool__", "keys", "values", "items")
_READS_OF_ALL = ("values_scoped", "items_scoped", "all_values", "all_items")


def install():
    for name in _STORES:
        store = getattr(responses, name)
        replace(store, "__iter__", lambda original: _again(lambda *given: iter(list(original(*given)))))
        for read in _READS:
            replace(store, read, _again)
    for read in _READS_OF_ALL:
        replace(responses.AccountRegionScopedDict, read, _again)


def _again(original):
    def read(*given):
        while True:
            try:
                return original(*given)
            except RuntimeError as reason:
                if "changed size" not in str(reason):
                    raise

    return read
