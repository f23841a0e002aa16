"""What a person must know of corrected parameters: what to fill in, and what was left out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from pydantic import BaseModel, ValidationError

from batchcert.extension.pool_body import shown


class Remark(NamedTuple):
    """Something to say of *field*: a path in the parameters (to fill in), or in the body (left out)."""

    field: str
    what: str


@dataclass
class Remarks:
    """The remarks of one correction, in the order in which they came up."""

    to_fill_in: list[Remark] = field(default_factory=list)
    left_out: list[Remark] = field(default_factory=list)

    def fill_in(self, path: str, what: str) -> None:
        """The parameter at *path* is a placeholder or a guess."""
        self.to_fill_in.append(Remark(path, what))

    def leave_out(self, path: str, what: str) -> None:
        """What stands at *path* of the body is not in the parameters."""
        self.left_out.append(Remark(path, what))

    def held_to(
        self, model: type[BaseModel], wanted: dict[str, object], otherwise: dict[str, object], where: str
    ) -> dict[str, object]:
        """*wanted*, with each field that *model* refuses replaced by the one in *otherwise*, or dropped."""
        try:
            model.model_validate(wanted)
        except ValidationError as error:
            refused = {str(fault["loc"][0]): str(fault["msg"]) for fault in error.errors() if fault["loc"]}
        else:
            return wanted
        for name in (name for name in refused if name in wanted):
            self.fill_in(f"{where}.{name}", f"{shown(wanted[name])} is not accepted: {refused[name]}")
        kept = {name: value for name, value in wanted.items() if name not in refused}
        return kept | {name: value for name, value in otherwise.items() if name in refused}
