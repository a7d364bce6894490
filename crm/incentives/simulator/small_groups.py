"""Which groups of a table are too small to be shown, and which more must be hidden so that they cannot be reckoned from the rest."""

from collections.abc import Mapping

LEAST = 10  # people; a smaller group could be recognised


def hidden(counts: Mapping[str, int], least: int = LEAST) -> frozenset[str]:
    """The groups to hide, where the sum of all is told: those below `least`, and the next larger ones until the hidden are two and make up `least`.

    A group of nobody is shown: there is no one to recognise.
    """
    small = {group for group, count in counts.items() if 0 < count < least}
    others = sorted((group for group, count in counts.items() if count >= least), key=lambda group: (counts[group], group))
    while small and others and (len(small) < 2 or sum(counts[group] for group in small) < least):
        small.add(others.pop(0))
    return frozenset(small)
