"""What goes wrong, in plain words."""


class LatentCanvasError(ValueError):
    """Bad input; the text says what is wrong and what to do."""


class CheckpointError(LatentCanvasError):
    """A file that is no checkpoint, or whose parts do not fit together."""


class OptionError(LatentCanvasError):
    """An unknown option, or a value that it does not take."""


class DataError(LatentCanvasError):
    """A file of images or labels that cannot be used."""


class UnsupportedError(LatentCanvasError):
    """What this model cannot be asked for."""


class DivergenceError(LatentCanvasError):
    """Numbers that are no longer finite."""
