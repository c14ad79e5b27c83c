"""民评归档的第二个核对程序：只凭归档本身，把票从头再数一遍，把分从头再算一遍。

It counts an archive of `ballot export` again in exact fractions, written from docs/archive.md alone
and without any code of Ballot. Run it with Python 3.9 or later: `python3 second_verifier.py FILE`.
Exit status 0: all fits; 1: the Chinese sentence names what does not; 2: no file. Not checked: the
sentences of `derivation` and `note`, limits, quorum (no ballots are seen), and what voters sent.
"""

import hashlib
import json
import operator
import re
import sys
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

# What a line may hold: `name:` its keys (? optional), = their form: object, word, [list], | "or".
FORMS_TEXT = r"""
archive: form=1 poll,smallest_group=count phase="closed"|"certified"|"published" parted=true;
rules: title=text mode="plain" blank="abstain"|"required" wholly_blank="abstain"|"invalid"
  scheme,comments,instructions,quorum groups=[group] sections=[section];
group: key,name=text weight=number|null excludes=[text] ballots,eligible;
section: subjects=[subject] questions=[question] rule=rule kind,component,title,limits,kind_title?;
rule: base="opinions"|"valid"|"returned"|"issued"|"eligible" empty_group="block"|"renormalise"
  combine="scores"|"ratios" scale=[level]|"marks" conversion=bands|mean|other full_marks=number
  clause,readings; other: name="level-mean"|"approval-ratio";
mean: name="mean-mark" drop_top,drop_bottom,only_above=number rounding=""|"down"|"up"|"half-up";
level: label=text value=number approves=true|false;
bands: name="bands" edges=[edge] otherwise=number discretionary=true|false;
edge: at_least,score=number; subject: unit,name=text duty; question: text=text weight=number;
account: invalid=count lines=[line] boxes?=[line];
discretion: section=count unit,reason,by=text value=number;
line: group,name=text printed,spares,voided,issued,returned=count eligible=count|null
  damaged?,lost?,handed_out?,on_paper?,set_aside?=count;
event: number=count at=time actor=text|null action=text details=object previous,hash=sha256;
words: text=".*" count=[0-9]{1,18} sha256,rules_hash,log_head="[0-9a-f]{64}"
  object,tally,result={.*}
  number="-?[0-9]+(\.[0-9]+|/[1-9][0-9]*)?" vote=\["([^"\\]|\\.)*",(true|false),"[0-9x-]*"\]
  time=(?a)"\d{4}(-\d\d){2}T\d\d(:\d\d){2}\.\d{6}\+00:00" receipt="[0-9A-HJKMNP-TV-Z]{8}";
"""
FORMS: dict[str, dict[str, str]] = {}
for name, rest in re.findall(r"(\w+): ([^;]+);", FORMS_TEXT):
    pairs = re.findall(r"([\w,?]+)=?(\S*)", rest)
    FORMS[name] = {key: form for keys, form in pairs for key in keys.split(",")}
MARKS = [{"label": str(mark), "value": mark, "approves": False} for mark in range(101)]
ONE_MARK = "(0[0-9][0-9]|100|xxx|---)"
EVENTS = ("ballots printed", "slips handed out", "hand-out withdrawn", "ballot voided")
KEYS = "archive rules rules_hash account discretion tally result vote receipt event log_head sha256"


class Mismatch(Exception):  # noqa: N818 (a finding, not an error of the program)
    """The first thing that does not fit, as a Chinese sentence."""


def need(holds: object, sentence: str) -> None:
    """Raise Mismatch with the Chinese sentence unless it holds."""
    if not holds:
        raise Mismatch(sentence)


def canonical(value: Any) -> bytes:
    """Write a value the one way that the archive allows."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(value: Any) -> str:
    """SHA-256, hexadecimal, of a value as the archive writes it."""
    return hashlib.sha256(canonical(value)).hexdigest()


def fits(value: Any, form: str) -> bool:
    """Whether a value has a form of FORMS_TEXT."""
    if "|" in form:
        return any(fits(value, one) for one in form.split("|"))
    if form[:1] == "[":
        return type(value) is list and all(fits(one, form[1:-1]) for one in value)
    if form in FORMS:
        known = {key.rstrip("?"): inner for key, inner in FORMS[form].items()}
        right = type(value) is dict and {key for key in FORMS[form] if key[-1] != "?"} <= {*value}
        return right and all(key in known and fits(one, known[key]) for key, one in value.items())
    return bool(re.fullmatch(FORMS["words"].get(form, form or ".*"), canonical(value).decode()))


def read(data: bytes) -> dict[str, list[Any]]:
    """Step 1: read the lines, and put together the values of each kind of line."""
    found: dict[str, list[Any]] = {key: [] for key in KEYS.split()}
    for row, line in enumerate(data.split(b"\n")[:-1], 1):
        try:  # A floating-point number becomes a set, which cannot be written again.
            entry = json.loads(line.decode(), parse_float=set, parse_constant=set)
            need(canonical(entry) == line, f"第 {row} 行的写法不合规定。")
        except (ValueError, TypeError, RecursionError):
            raise Mismatch(f"第 {row} 行读不出来。") from None
        key = next(iter(entry)) if type(entry) is dict and len(entry) == 1 else ""
        need(key in found and fits(entry[key], key), f"第 {row} 行的内容不合归档的格式。")
        found[key].append(entry[key])
    for key in ("archive", "rules", "rules_hash", "account", "tally", "log_head", "sha256"):
        need(len(found[key]) == 1, f"{key} 这一行缺少或者重复。")
    return found


def half_up(value: Fraction) -> str:
    """Write a number with 2 decimals, rounded half away from zero."""
    cents = int(abs(value) * 100 + Fraction(1, 2))
    return f"{'-' if value < 0 and cents else ''}{cents // 100}.{cents % 100:02d}"


def mean(weights: list[Fraction], values: list[Fraction]) -> Fraction:
    """The mean of values by their weights."""
    return Fraction(sum(weights[i] * value for i, value in enumerate(values)), sum(weights))


def score(conversion: Any, measure: Fraction, lowest: str) -> Fraction:
    """The score of a measure, out of 100; `lowest` is that of the lowest band."""
    if conversion["name"] != "bands":
        return measure * 100 if conversion["name"] == "approval-ratio" else measure
    reached = [one["score"] for one in conversion["edges"] if measure >= Fraction(one["at_least"])]
    return Fraction([*reached, lowest][0])


def kept(conversion: Any, marks: list[int]) -> list[int]:
    """What counts, one by one from the lowest mark, after the mean mark dropped at both ends."""
    given = [answer for answer, number in enumerate(marks) for _ in range(number)]
    drops = [Fraction(conversion.get(end, 0)) for end in ("drop_top", "drop_bottom")]
    drops = [drop * len(given) if drop < 1 else drop for drop in drops]
    rounding = conversion.get("rounding")
    half = Fraction(rounding == "half-up", 2)
    top, bottom = (-(-drop // 1) if rounding == "up" else (drop + half) // 1 for drop in drops)
    few = len(given) <= int(conversion.get("only_above", 0)) or top + bottom >= len(given)
    return given if few else given[bottom : len(given) - top]


def convert(rule: Any, parties: list[Any], lowest: str) -> Any:
    """Approval ratio and score of one question; None without a result."""
    kept = [party for party in parties if party[1]]
    if not kept or (len(kept) < len(parties) and rule["empty_group"] == "block"):
        return None
    weights = [party[0] for party in kept]
    ratio = mean(weights, [Fraction(approving, base) for _, base, approving, _ in kept])
    measures = [Fraction(worth, base) for _, base, _, worth in kept]
    if rule["combine"] == "ratios":
        weights, measures = [Fraction(1)], [mean(weights, measures)]
    return ratio, mean(weights, [score(rule["conversion"], one, lowest) for one in measures])


def levels(rule: Any) -> Any:
    """The answers of a rule's scale: its levels, or the marks 0 to 100 with their mean mark."""
    on_marks = rule["scale"] == "marks"
    need(on_marks is (rule["conversion"]["name"] == "mean-mark"), "量表与折算办法不相配。")
    return MARKS if on_marks else rule["scale"]


def spread(marks: list[int]) -> Any:
    """How the marks of a subject lie; None without any."""
    given = [mark for mark, number in enumerate(marks) for _ in range(number)]
    if not given:
        return None
    counts = {str(mark): number for mark, number in enumerate(marks) if number}
    made = {"opinions": len(given), "mean": half_up(Fraction(sum(given), len(given)))}
    return {**made, "lowest": given[0], "highest": given[-1], "counts": counts}


def less(number: Any, name: str, boxes: list[Any]) -> Any:
    """A number of a group's line, without its mobile boxes."""
    return number - sum(box.get(name) or 0 for box in boxes) if type(number) is int else number


def about(told: dict[str, list[Any]], key: str, value: Any) -> dict[str, list[Any]]:
    """The entries of the log that say a value of a key, by action."""
    return {one: [each for each in told[one] if each.get(key) == value] for one in told}


def balanced(line: Any) -> bool:
    """Whether a line of the ballot account can be: voided slips give nobody a right to vote."""
    damaged, lost, voided = (line.get(name) or 0 for name in ("damaged", "lost", "voided"))
    out = line["issued"] + lost + (voided if "damaged" in line else 0)
    right = out <= line["printed"] and line["returned"] <= line["issued"] + lost
    return right and damaged <= voided and min(n for n in line.values() if type(n) is int) >= 0


class Archive:
    """An archive. The votes of a pool (a group if groups have weights, or all) count together."""

    def __init__(self, data: bytes) -> None:
        self.found = read(data)
        self.head, self.rules = self.found["archive"][0], self.found["rules"][0]
        self.account, self.votes = self.found["account"][0], self.found["vote"]
        self.discretion = {(one["section"], one["unit"]): one for one in self.found["discretion"]}
        self.groups = {group["key"]: group for group in self.rules["groups"]}
        self.lines = {line["group"]: line for line in self.account["lines"]}
        need([*self.lines] == [*self.groups], "选票账目的各组与规则不一致。")
        self.boxes: list[Any] = self.account.get("boxes", [])
        self.parts = [(line, self.lines_of(line["group"])) for line in self.account["lines"]]
        names = {(box["group"], box["name"]) for box in self.boxes}
        right = len(names) == len(self.boxes) == sum(len(boxes) for _, boxes in self.parts)
        right = right and all(box["eligible"] is None for box in self.boxes)
        need(right and self.account.get("boxes") != [], "选票账目的流动票箱不合规则。")
        weights = [Fraction(group["weight"] or 0) for group in self.rules["groups"]]
        need(sum(weights) in (0, 1), "规则里各组的权重加起来不是一。")
        self.pools = {key: [key] for key in self.groups} if any(weights) else {"": [*self.groups]}
        self.tally: Any = {"returned": {}, "invalid": {}, "slots": []}
        self.sizes: list[int] = []  # how many symbols each slot takes

    def lines_of(self, group: str) -> list[Any]:
        """The lines of a group's mobile boxes."""
        return [box for box in self.boxes if box["group"] == group]

    def total(self, name: str, keys: list[str]) -> int:
        """A number of the ballot account, added up over groups."""
        return sum(self.lines[key].get(name) or 0 for key in keys)

    def check_votes(self) -> None:
        """Steps 2, 3 and 5: the votes answer the slots; the account counts as many of them."""
        answers = ""
        for section in self.rules["sections"]:
            scale, slots = section["rule"]["scale"], section["subjects"] * len(section["questions"])
            one = f"[{'0123456789'[: len(scale)]}x-]" if scale != "marks" else ONE_MARK
            answers += one * len(slots)
            self.sizes += [1 if scale != "marks" else 3] * len(slots)
        for row, (group, valid, choices) in enumerate(self.votes, 1):
            need(group in self.pools and re.fullmatch(answers, choices), f"第 {row} 张票不合规则。")
            need(valid or not choices.strip("-x"), f"第 {row} 张票记为无效，却有评价。")
        for line, boxes in self.parts:
            hall = {key: less(n, key, boxes) for key, n in line.items()}
            hall["returned"] -= hall.get("on_paper") or 0  # papers may be of a box's slips
            right = all(balanced(one) for one in (line, *boxes, hall))
            need(right or self.head["phase"] == "closed", f"“{line['name']}”的选票账目不合理。")
        for pool, keys in self.pools.items():
            cast = [valid for group, valid, _ in self.votes if group == pool]
            need(len(cast) == self.total("returned", keys), "票的张数与收回的张数不一致。")
            self.tally["returned"][pool], self.tally["invalid"][pool] = len(cast), cast.count(False)
        self.papers = {n: self.total(n, [*self.lines]) for n in ("on_paper", "set_aside")}
        self.by_phone = len(self.votes) - self.papers["on_paper"]
        need(len(self.found["receipt"]) == self.by_phone, "回执的个数与手机投票的张数不一致。")

    def count(self, rule: Any, subject: Any) -> list[Any]:
        """Step 4: count the next slot into the tally; gives the parties that are converted."""
        parties, scale, names = [], levels(rule), {subject["unit"], subject["name"]}
        place, counts, name = len(self.tally["slots"]), {}, rule["conversion"]["name"]
        start, size = sum(self.sizes[:place]), self.sizes[place]
        for pool, keys in self.pools.items():
            raters = [key for key in keys if not names & {*self.groups[key]["excludes"]}]
            said = [(vote[1], vote[2][start:][:size]) for vote in self.votes if vote[0] == pool]
            asked = sum(choice[0] != "x" for _, choice in said)
            need(asked == self.total("returned", raters), f"第 {place + 1} 题的回避数不对。")
            seen = Counter(said)
            marks = [seen[True, f"{answer:0{size}}"] for answer in range(len(scale))]
            blank, cast = seen[True, "-" * size], sum(marks)
            other = {"not_asked": seen[True, "x" * size], "invalid": seen[False, "-" * size]}
            counts[pool] = {"marks": marks, "blank": blank, **other}
            base = {"opinions": cast, "valid": cast + blank}.get(rule["base"])
            base = self.total(rule["base"], raters) if base is None else base
            need(base >= cast or base == 0, f"“{subject['name']}”的基数小于票数。")
            approving = sum(n for i, n in enumerate(marks) if scale[i]["approves"])
            by = "value" if name in ("level-mean", "mean-mark") else "approves"
            counted = kept(rule["conversion"], marks)
            worth = sum(Fraction(scale[i][by]) * n for i, n in Counter(counted).items())
            weight = Fraction(self.groups[pool]["weight"] if pool else 1)
            parties += [(weight, base - cast + len(counted), approving, worth)] * bool(raters)
        self.tally["slots"].append(counts)
        return parties

    def check_log(self) -> None:
        """Steps 6 and 7: the log hangs together from its first entry on, and agrees."""
        link, ours, keys = "0" * 64, False, [*self.lines]
        told: dict[str, list[Any]] = {}
        for row, event in enumerate(self.found["event"], 1):
            right = (event["number"], event["previous"]) == (row, link)
            link = digest([event[key] for key in FORMS["event"] if key != "hash"])
            need(right and event["hash"] == link, f"日志第 {row} 条的编号、连接或者哈希值不对。")
            action, details = event["action"], {**event["details"], "by": event["actor"]}
            ours = repr(details.get("poll")) == repr(self.head["poll"])
            told[action] = told.get(action, []) + [details] * ours
        need(ours and action != "archive exported", "日志的最后一条不是这次测评的。")
        for line, boxes in self.parts:
            mine = about(told, "group", line["group"])
            self.check_slips(line, mine)
            for box in boxes:
                self.check_slips(box, about(mine, "box", box["name"]))
        singly, voided = len(told.get("ballot voided", [])), self.total("voided", keys)
        known = singly == voided or (singly < voided and told.get("batch voided"))
        need(known, "作废数与日志不符。")
        opened = {repr(one.get("rules_hash")) for one in told["poll opened"]}
        need(opened <= {"None", repr(digest(self.rules))}, "日志里规则的哈希值不对。")
        counted = all("damaged" in line for line in (*self.lines.values(), *self.boxes))
        need(("voided" in told["poll closed"][-1]) is counted, "换发数与日志不符。")
        taken = told.get("paper votes taken over", [])
        of = {name: sum(one[name] for one in taken) for name in ("papers", "set_aside", "invalid")}
        invalid = self.account["invalid"] - of.pop("invalid")
        named = {f"{box['group']}@{box['name']}": box for box in self.boxes}
        boxed = {key: box["on_paper"] for key, box in named.items() if box.get("on_paper")}
        right = [*of.values()] == [*self.papers.values()]
        right = right and ([one["boxes"] for one in taken] or [{}]) == [boxed]
        need(right, "日志里的纸质票与选票账目不一致。")
        blank = self.rules["wholly_blank"] == "invalid"
        need(blank or not invalid, "手机投出的票没有无效的，选票账目却有。")
        facts: Any = {"poll closed": {"returned": self.by_phone, "invalid": invalid}}
        certified: Any = {"issued": self.total("issued", keys), "returned": len(self.votes)}
        if counted:
            void = {key: line["voided"] for key, line in {**self.lines, **named}.items()}
            back = {k: box["returned"] - (box.get("on_paper") or 0) for k, box in named.items()}
            facts["poll closed"].update({"voided": void, "boxes": back})
            certified["boxes"] = {key: box["issued"] for key, box in named.items()}
        facts.update({"result certified": certified} if self.head["phase"] != "closed" else {})
        for action, fact in facts.items():
            right = canonical(fact) == canonical({key: told[action][-1][key] for key in fact})
            need(right, f"日志里的“{action}”与选票账目不一致。")
        noted = told.get("discretion recorded", [])
        last = {(repr(one.get("section")), one["unit"]): one for one in noted}
        fields = operator.itemgetter("unit", "value", "reason", "by")
        given = {*map(fields, self.found["discretion"])}
        need({*map(fields, last.values())} <= given, "日志里的酌情分不在归档里。")
        need(given <= {*map(fields, noted)}, "归档里的酌情分不在日志里。")

    def check_slips(self, line: Any, told: Any) -> None:
        """Step 7: the log tells of as many slips printed, handed out and exchanged as a line."""
        events = {name: told.get(name, []) for name in EVENTS}
        prints, out, back, voided = events.values()
        right = all(sum(one[n] for one in prints) == line[n] for n in ("printed", "spares"))
        need(right, f"“{line['name']}”印发的选票与日志不一致。")
        for what, name in (("issued", "handed_out"), ("lost", "lost")):
            given, taken = (sum(e["slips"] for e in es if e["what"] == what) for es in (out, back))
            need(given - taken == (line.get(name) or 0), f"“{line['name']}”发放数与日志不一致。")
        exchanged = sum(one.get("replaced") is True for one in voided)
        need(exchanged == (line.get("damaged") or 0), f"“{line['name']}”换发数与日志不一致。")

    def result(self, number: int, section: Any, subject: Any) -> Any:
        """Step 8: the result of one subject, all but its sentences."""
        rule, scale, unit = section["rule"], levels(section["rule"]), subject["unit"]
        parties = [self.count(rule, subject) for _ in section["questions"]]
        chosen = self.discretion.get((number, unit), {"value": rule["conversion"].get("otherwise")})
        figures = [convert(rule, one, chosen["value"]) for one in parties]
        counts = [one for slot in self.tally["slots"][-len(parties) :] for one in slot.values()]
        marks = [sum(one["marks"][i] for one in counts) for i in range(len(scale))]
        base, approving = (sum(party[i] for one in parties for party in one) for i in (1, 2))
        shares = [half_up(Fraction(100 * n, base)) if base else None for n in marks]
        each = {scale[i]["label"]: {"count": n, "percent": shares[i]} for i, n in enumerate(marks)}
        made: Any = {"section": number, "percent": None, "score": None, "points": None}
        made["valid"] = sum(marks) + sum(one["blank"] for one in counts)
        made["kind"], made["component"] = section["kind"], section["component"]
        made["unit"], made["subject"], made["base"] = unit, subject["name"], rule["base"]
        made["levels"], made["approving"], made["ratio"] = each, approving, f"{approving}/{base}"
        if scale is MARKS:
            made.update({"levels": {}, "approving": None, "ratio": None, "marks": spread(marks)})
        if figures and None not in figures:
            weights = [Fraction(question["weight"]) for question in section["questions"]]
            ratio, exact = (mean(weights, [one[i] for one in figures]) for i in (0, 1))
            made["percent"] = None if scale is MARKS else half_up(ratio * 100)
            made["score"] = half_up(exact).rstrip("0").rstrip(".")
            made["points"] = half_up(exact * Fraction(rule["full_marks"]) / 100)
        return made

    def compare(self, data: bytes) -> list[Any]:
        """Step 8: write the whole file anew and compare the bytes; gives the results."""
        parts = enumerate(self.rules["sections"])
        results = [self.result(n, one, who) for n, one in parts for who in one["subjects"]]
        for i, given in enumerate(self.found["result"]):
            texts = fits(given["derivation"], "[text]") and fits(given["note"], "text|null")
            need(texts, f"第 {i + 1} 个结果的文字不合归档的格式。")
            results[i].update({"derivation": given["derivation"], "note": given["note"]})
        own = [(g["key"], {n: g[n] for n in ("name", "eligible")}) for g in self.rules["groups"]]
        lines = [{**self.lines[key], **same} for key, same in own]
        invalid, last = sum(self.tally["invalid"].values()), {ord("x"): 254, ord("-"): 255}
        made = {**self.found, "tally": [self.tally], "result": results, "sha256": []}
        made["account"] = [{**self.account, "invalid": invalid, "lines": lines}]
        made["receipt"], made["rules_hash"] = sorted(made["receipt"]), [digest(self.rules)]
        made["log_head"] = [made["event"][-1]["hash"]]
        units = {(one["section"], one["unit"]) for one in results}
        made["discretion"] = [self.discretion[key] for key in sorted({*self.discretion} & units)]
        made["vote"] = sorted(self.votes, key=lambda one: (*one[:2], one[2].translate(last)))
        anew = [canonical({key: value}) + b"\n" for key in made for value in made[key]]
        anew += [canonical({"sha256": hashlib.sha256(b"".join(anew)).hexdigest()}) + b"\n", b""]
        for row, line in enumerate([*data.splitlines(keepends=True), b""]):
            need([line] == anew[row : row + 1], f"第 {row + 1} 行与重新算出的不同。")
        return results


def verify(data: bytes) -> str:
    """Count an archive again: the report in Chinese. Raises Mismatch."""
    try:
        archive = Archive(data)
        archive.check_votes()
        archive.check_log()
        made = archive.compare(data)
    except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise Mismatch(f"归档的内容缺少或者矛盾，算不下去：{error!r}。") from error
    scores = [f"{r['subject']} {r['points'] or '无'}（百分制 {r['score'] or '无'}）" for r in made]
    counted = f"投票 {len(archive.votes)} 张，收回 {archive.total('returned', [*archive.lines])} 张"
    head, whole = archive.found["log_head"][0], hashlib.sha256(data).hexdigest()
    return f"核对无误：{counted}；得分：{'，'.join(scores)}；日志末条 {head}；SHA-256 {whole}。"


def main(argv: list[str]) -> int:
    """Verify the file that is the only argument; gives the exit status."""
    try:
        (name,) = argv
        text, status = verify(Path(name).read_bytes()), 0
    except Mismatch as mismatch:
        text, status = f"不相符：{mismatch}", 1
    except (OSError, ValueError):
        sys.stderr.write("用法：python3 second_verifier.py FILE（归档文件）\n")
        return 2
    text = "".join(one if one.isprintable() else "?" for one in text) + "\n"
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
