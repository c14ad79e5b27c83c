"""Reading a page as a browser would, and what is wrong with its HTML."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
TYPED_INTO = frozenset({"input", "select", "textarea"})
NEEDS_NO_LABEL = frozenset({"hidden", "submit", "button", "reset", "image"})
LEADING = frozenset({"action", "data", "formaction", "href", "src", "xlink:href"})
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
BLOCKS = ("address", "article", "aside", "blockquote", "div", "dl", "fieldset", "footer", "form")
MORE_BLOCKS = ("header", "hr", "main", "nav", "ol", "p", "pre", "section", "table", "ul")
NOT_IN_P = frozenset((*HEADINGS, *BLOCKS, *MORE_BLOCKS))


@dataclass
class Element:
    """A tag with its attributes, the text inside it, and what it stands in."""

    tag: str
    attributes: dict[str, str]
    parents: "tuple[Element, ...]" = field(repr=False)
    text: str = ""

    def get(self, name: str) -> str:
        return self.attributes.get(name, "")

    @property
    def hidden(self) -> bool:
        return any("hidden" in element.attributes for element in (self, *self.parents))

    def inside(self, tag: str) -> "Element | None":
        return next((parent for parent in self.parents if parent.tag == tag), None)


class Page(HTMLParser):
    """A parsed page. `mistakes` tells every breach of the house's rules for HTML."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.balance: list[str] = []
        self._open: list[Element] = []
        self.doctype = ""
        self.feed(html)
        self.close()
        self.balance += [f"<{element.tag}> is never closed" for element in self._open]

    def handle_decl(self, decl: str) -> None:
        self.doctype = decl.lower()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if len(set(names)) < len(names):
            self.balance.append(f"<{tag}> repeats an attribute: {names}")
        if tag in NOT_IN_P and any(parent.tag == "p" for parent in self._open):
            self.balance.append(f"<{tag}> inside <p>")
        attributes = {name: value or "" for name, value in attrs}
        element = Element(tag, attributes, tuple(reversed(self._open)))
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1].tag != tag:
            now = self._open[-1].tag if self._open else "nothing"
            self.balance.append(f"</{tag}> closes <{now}>")
            return
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    def every(self, *tags: str, **attributes: str) -> list[Element]:
        """Return the elements of these tags whose attributes have these values."""
        return [
            element
            for element in self.elements
            if element.tag in tags
            and all(element.attributes.get(key) == value for key, value in attributes.items())
        ]

    def one(self, tag: str, **attributes: str) -> Element:
        found = self.every(tag, **attributes)
        assert len(found) == 1, f"{len(found)} × <{tag}> {attributes}"
        return found[0]

    @property
    def text(self) -> str:
        """Return what a person reads, with single spaces."""
        return " ".join(self.one("body").text.split())

    @property
    def heading(self) -> str:
        return " ".join(self.one("h1").text.split())

    @property
    def buttons(self) -> list[str]:
        """Return what the buttons say that are there without JavaScript."""
        return [button.text.strip() for button in self.every("button") if not button.hidden]

    def fields(self, step: str) -> dict[str, str]:
        """Return what the form of this step would send as it stands."""
        marker = next(
            e for e in self.every("input", type="hidden", name="step") if e.get("value") == step
        )
        form = marker.inside("form")
        return {
            e.get("name"): e.get("value")
            for e in self.every("input")
            if e.inside("form") is form and (e.get("type") == "hidden" or "checked" in e.attributes)
        }

    @property
    def mistakes(self) -> list[str]:
        """Return what is wrong with the page's HTML, one sentence each."""
        return [
            *self.balance,
            *self._about_the_frame(),
            *self._about_inline_code(),
            *self._about_labels(),
            *self._about_references(),
        ]

    def _about_the_frame(self) -> Iterator[str]:
        if self.doctype != "doctype html":
            yield "no doctype"
        if not self.one("html").get("lang"):
            yield "no language"
        for tag in ("title", "h1", "main"):
            if len(self.every(tag)) != 1:
                yield f"{len(self.every(tag))} × <{tag}>"
        for tag in ("title", "h1", "button", "a", "legend", "label"):
            yield from (f"<{tag}> is empty" for e in self.every(tag) if not e.text.strip())
        if not self.every("meta", name="viewport"):
            yield "no viewport"

    def _about_inline_code(self) -> Iterator[str]:
        for element in self.elements:
            if "style" in element.attributes:  # a style element: its hash is in `checked`
                yield f"<{element.tag}> has an inline style"
            if element.tag == "script" and (not element.get("src") or element.text.strip()):
                yield "an inline script"
            for name, value in element.attributes.items():
                leads = name in LEADING and value.strip().lower().startswith("javascript:")
                if name.startswith("on") or leads:
                    yield f"<{element.tag}> runs {name}"

    def _about_labels(self) -> Iterator[str]:
        named = {label.get("for") for label in self.every("label")}
        for element in self.every(*TYPED_INTO):
            if element.tag == "input" and element.get("type") in NEEDS_NO_LABEL:
                continue
            labelled = element.get("id") in named or element.inside("label")
            if not (labelled or element.get("aria-label") or element.get("aria-labelledby")):
                yield f"no label: {element}"
            if element.get("type") == "radio" and not element.inside("fieldset"):
                yield f"a radio button outside a fieldset: {element}"
        legends = [legend.inside("fieldset") for legend in self.every("legend")]
        for fieldset in self.every("fieldset"):
            if sum(legend is fieldset for legend in legends) != 1:
                yield f"a fieldset without its legend: {fieldset}"
        yield from (f"no alt: {e}" for e in self.every("img") if "alt" not in e.attributes)

    def _about_references(self) -> Iterator[str]:
        ids = [e.get("id") for e in self.elements if "id" in e.attributes]
        if len(set(ids)) < len(ids):
            yield "an id is given twice"
        for element in self.elements:
            wanted = [
                *element.get("aria-describedby").split(),
                *element.get("aria-labelledby").split(),
                *([element.get("for")] if "for" in element.attributes else []),
            ]
            if element.get("href").startswith("#"):
                wanted.append(element.get("href")[1:])
            yield from (f"{element} refers to {name}" for name in wanted if name not in ids)
