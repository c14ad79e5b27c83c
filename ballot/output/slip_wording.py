"""The words printed on every slip, in one language."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final


@dataclass(frozen=True)
class SlipWording:
    """The labels and instructions of a slip. `language` is the document's tag (BCP 47).

    `brief`: the instructions on small slips. `cover`: what a stack's cover says of itself.
    """

    language: str = "zh-CN"
    spare: str = "备用"
    rehearsal: str = "演练"
    scan: str = "扫码测评"
    address: str = "网址"
    code: str = "票码"
    cover: str = "封签：放在这一叠票上面，不是选票"
    steps: tuple[str, ...] = (
        "① 扫码，或用浏览器打开网址并输入票码",
        "② 逐项评价后提交，见“已计票”即完成",
        "③ 每票只投一次，票码即选票，勿拍照外传",
    )
    brief: tuple[str, ...] = ("扫码，或打开网址输入票码", "每票只投一次，勿拍照外传")

    def texts(self) -> tuple[str, ...]:
        """Return everything that is printed on any slip but that of a rehearsal."""
        labels = (self.spare, self.scan, self.address, self.code, self.cover)
        return (*labels, *self.steps, *self.brief)

    def each(self, change: Callable[[str], str]) -> "SlipWording":
        """Return the wording with every printed text changed."""
        return replace(
            self,
            spare=change(self.spare),
            rehearsal=change(self.rehearsal),
            scan=change(self.scan),
            address=change(self.address),
            code=change(self.code),
            cover=change(self.cover),
            steps=tuple(map(change, self.steps)),
            brief=tuple(map(change, self.brief)),
        )


CHINESE: Final = SlipWording()
