"""The words printed on every slip, in one language."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final


@dataclass(frozen=True)
class SlipWording:
    """The labels and instructions of a slip. `language` is the document's tag (BCP 47)."""

    language: str = "zh-CN"
    spare: str = "备用"
    rehearsal: str = "演练"
    scan: str = "扫码测评"
    address: str = "网址"
    code: str = "票码"
    steps: tuple[str, ...] = (
        "① 扫码，或用浏览器打开网址并输入票码",
        "② 逐项评价后提交，见“已计票”即完成",
        "③ 每票只投一次，票码即选票，勿拍照外传",
    )

    def texts(self) -> tuple[str, ...]:
        """Return everything that is printed on any slip but that of a rehearsal."""
        return (self.spare, self.scan, self.address, self.code, *self.steps)

    def each(self, change: Callable[[str], str]) -> "SlipWording":
        """Return the wording with every printed text changed."""
        spare, scan, address, code, *steps = map(change, self.texts())
        mark = change(self.rehearsal)
        return replace(
            self,
            spare=spare,
            rehearsal=mark,
            scan=scan,
            address=address,
            code=code,
            steps=tuple(steps),
        )


CHINESE: Final = SlipWording()
