"""Options with a name, a range and a default, as `src/options.rs` has them: one validation for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Union

from .errors import OptionError

Value = Any
Values = dict[str, Value]


@dataclass(frozen=True)
class Needs:
    """What another option must be for an option to act: one of some names, above or other than a number."""

    option: str
    one_of: tuple[str, ...] | None = None
    above: int | None = None
    other_than: int | None = None

    def holds(self, options: Mapping[str, Value]) -> bool:
        """Whether it is so; an option that is not among these is no hindrance."""
        if self.option not in options:
            return True
        value = options[self.option]
        if self.one_of is not None:
            return value in self.one_of
        if self.above is not None:
            return (len(value) if isinstance(value, list) else value) > self.above
        return bool(value != self.other_than)

    def __str__(self) -> str:
        if self.one_of is not None:
            return f"{self.option} is {' or '.join(self.one_of)}"
        if self.above is not None:
            return f"{self.option} is more than {self.above}"
        return f"{self.option} is other than {self.other_than}"


@dataclass(frozen=True)
class Integer:
    """A whole number; the range includes both ends."""

    name: str
    least: int
    most: int
    default: int
    needs: tuple[Needs, ...] = ()

    @property
    def allowed(self) -> str:
        return f"a whole number from {self.least} to {self.most}"

    def read(self, value: Value) -> Value | None:
        number = _whole(value)
        return number if number is not None and self.least <= number <= self.most else None


@dataclass(frozen=True)
class Number:
    """A real number; the range includes both ends."""

    name: str
    least: float
    most: float
    default: float
    needs: tuple[Needs, ...] = ()

    @property
    def allowed(self) -> str:
        return f"a number from {self.least} to {self.most}"

    def read(self, value: Value) -> Value | None:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return None
        return float(value) if self.least <= value <= self.most else None


@dataclass(frozen=True)
class Choice:
    """One of a few names."""

    name: str
    names: tuple[str, ...]
    default: str
    needs: tuple[Needs, ...] = ()

    @property
    def allowed(self) -> str:
        return f"one of {', '.join(self.names)}"

    def read(self, value: Value) -> Value | None:
        return value if isinstance(value, str) and value in self.names else None


@dataclass(frozen=True)
class Sizes:
    """A list of whole numbers from 1 on."""

    name: str
    most: int
    most_items: int
    default: list[int] = field(default_factory=list)
    needs: tuple[Needs, ...] = ()

    @property
    def allowed(self) -> str:
        return f"a list of 0 to {self.most_items} whole numbers from 1 to {self.most}"

    def read(self, value: Value) -> Value | None:
        if not isinstance(value, list) or len(value) > self.most_items:
            return None
        numbers = [_whole(item) for item in value]
        fit = all(number is not None and 1 <= number <= self.most for number in numbers)
        return numbers if fit else None


Option = Union[Integer, Number, Choice, Sizes]


def in_range(given: Mapping[str, Value], options: Sequence[Option]) -> Values:
    """A value for every option; those left out take their defaults.

    Raises OptionError for an unknown name or a value out of range.
    """
    known = {option.name: option for option in options}
    for name in given:
        if name not in known:
            raise OptionError(f'unknown option "{name}"; known options: {", ".join(known)}')
    values: Values = {}
    for name, option in known.items():
        value = option.read(given[name]) if name in given else option.default
        if value is None:
            raise OptionError(f"{name} must be {option.allowed}; got {given[name]!r}")
        values[name] = value
    return values


def refuse_idle(values: Values, options: Sequence[Option], others: Mapping[str, Value]) -> None:
    """Raises OptionError for a value away from its default that does nothing with the rest and `others`."""
    idle = _first_idle(values, options, others)
    if idle is not None:
        option, missing = idle
        now = {**others, **values}[missing.option]
        raise OptionError(
            f"{option.name} does nothing while {missing.option} is {now}: it acts where {missing}; "
            f"leave it at {option.default}"
        )


def reset_idle(values: Values, options: Sequence[Option], others: Mapping[str, Value]) -> Values:
    """The values of a stored file: older programs let values pass that do nothing. They take their defaults."""
    values = dict(values)
    while (idle := _first_idle(values, options, others)) is not None:
        values[idle[0].name] = idle[0].default
    return values


def _first_idle(
    values: Values, options: Sequence[Option], others: Mapping[str, Value]
) -> tuple[Option, Needs] | None:
    everything = {**others, **values}
    for option in options:
        if values[option.name] != option.default:
            for needs in option.needs:
                if not needs.holds(everything):
                    return option, needs
    return None


def _whole(value: Value) -> int | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return int(value) if value >= 0 and value == int(value) else None
