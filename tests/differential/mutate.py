"""Small faults in a configuration, as people and editors make them.

A mutant is named by its base and a number, and made by a generator seeded with that name: the
same name gives the same text as long as the base is the same. Nothing here runs anything.
"""

import random
import re
import zlib
from dataclasses import dataclass, field

# As ngx_conf_read_token() reads: a bare word ends at a space, ";" or "{", but not at "${".
TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+|\#[^\n]*)
      | (?P<mark>[;{}])
      | (?P<word>"(?:\\.|[^"\\])*"? | '(?:\\.|[^'\\])*'? | (?:\\.|\$\{|[^ \t\r\n;{])+ | \\)""",
    re.VERBOSE | re.DOTALL,
)
NUMBER = re.compile(r"\d+")
AMOUNT = re.compile(r"(?<![\w.])(\d+)(ms|[a-zA-Z]?)(?![\w.])")
INCLUDE = re.compile(r"\binclude\s+[^;]+;")
VARIABLE = re.compile(r"\$(\{\w+\}|\w+)")


@dataclass(frozen=True)
class Token:
    text: str
    begin: int

    @property
    def end(self):
        return self.begin + len(self.text)


@dataclass
class Statement:
    """A directive or a row: its words, what ends it (";", "{" or nothing), and what it holds."""

    words: list
    parent: "Statement" = None
    mark: Token = None
    children: list = field(default_factory=list)
    end: int = 0  # after ";" or "}"

    @property
    def begin(self):
        return self.words[0].begin

    @property
    def is_block(self):
        return self.mark is not None and self.mark.text == "{"


class Document:
    """A text with its statements; a broken text has those that could be read."""

    def __init__(self, text):
        self.text = text
        self.statements = []
        self.marks = []
        self.read()
        self.blocks = [statement for statement in self.statements if statement.is_block]

    def read(self):
        words, parent = [], None
        for match in TOKEN.finditer(self.text):
            if match.lastgroup == "space":
                continue
            token = Token(match.group(), match.start())
            if match.lastgroup == "word":
                words.append(token)
                continue
            self.marks.append(token)
            if token.text == "}":
                self.keep(words, parent, None)
                if parent:
                    parent.end = token.end
                    parent = parent.parent
            elif words:
                statement = self.keep(words, parent, token)
                parent = statement if token.text == "{" else parent
            words = []
        self.keep(words, parent, None)

    def keep(self, words, parent, mark):
        if not words:
            return None
        end = mark.end if mark else words[-1].end
        statement = Statement(words, parent, mark, end=end)
        self.statements.append(statement)
        if parent:
            parent.children.append(statement)
        return statement

    def slice(self, statement):
        return self.text[statement.begin : statement.end]

    def replaced(self, begin, end, text):
        return self.text[:begin] + text + self.text[end:]

    def with_word(self, word, text):
        return self.replaced(word.begin, word.end, text)


class Chooser:
    """Draws for one mutant."""

    def __init__(self, name):
        self.salt = name
        self.random = random.Random(name)

    def one(self, things):
        return things[self.random.randrange(len(things))] if things else None

    def name(self, names):
        """One of a set that may grow: a new name then changes but few draws."""
        salt = f"{self.salt}/{self.random.random()}/"
        return min(
            names, key=lambda name: (zlib.crc32((salt + name).encode()), name), default=None
        )


class Stock:
    """What mutants borrow from the seeds: names of directives, and statements by their block."""

    def __init__(self, documents):
        self.names = sorted(set().union(*map(directive_names, documents)))
        self.statements = {}
        for document in documents:
            for statement in document.statements:
                # What a seed includes does not lie beside other bases.
                text = INCLUDE.sub("", document.slice(statement))
                self.statements.setdefault(path(statement.parent), set()).add(text)


def path(block):
    """The names of a block and those around it, as "http server location"."""
    names = []
    while block:
        names.insert(0, block.words[0].text)
        block = block.parent
    return " ".join(names)


# ---------------------------------------------------------------- words


def any_word(document, choose):
    return choose.one(choose.one(document.statements).words)


def argument(document, choose):
    """An argument, or None where the statement drawn has none."""
    return choose.one(choose.one(document.statements).words[1:])


def matching_argument(document, choose, pattern):
    fitting = [
        word
        for statement in document.statements
        for word in statement.words[1:]
        if pattern.search(word.text)
    ]
    return choose.one(fitting)


def delete_word(document, choose, _stock):
    return document.with_word(any_word(document, choose), "")


def double_word(document, choose, _stock):
    word = any_word(document, choose)
    return document.with_word(word, f"{word.text} {word.text}")


def swap_words(document, choose, _stock):
    statement = choose.one(document.statements)
    if len(statement.words) < 2:
        return None
    at = choose.random.randrange(len(statement.words) - 1)
    one, other = statement.words[at : at + 2]
    between = document.text[one.end : other.begin]
    return document.replaced(one.begin, other.end, other.text + between + one.text)


def truncate_word(document, choose, _stock):
    word = any_word(document, choose)
    if len(word.text) < 2:
        return None
    return document.with_word(word, word.text[: choose.random.randrange(1, len(word.text))])


def drop_arguments(document, choose, _stock):
    words = choose.one(document.statements).words
    if len(words) < 2:
        return None
    return document.replaced(words[0].end, words[-1].end, "")


def add_argument(document, choose, _stock):
    words = choose.one(document.statements).words
    other = argument(document, choose)
    extra = choose.one(["on", "off", "1", "x", '""', "$uri", "10s", "4k"])
    if other and choose.random.random() < 0.5:
        extra = other.text
    return document.replaced(words[-1].end, words[-1].end, f" {extra}")


def foreign_argument(document, choose, _stock):
    word, other = argument(document, choose), argument(document, choose)
    return document.with_word(word, other.text) if word and other else None


def plain_argument(document, choose, _stock):
    word = argument(document, choose)
    value = choose.one("on off yes true 0 1 -1 \"\" none default auto $x =".split())
    return document.with_word(word, value) if word else None


def change_case(document, choose, _stock):
    word = argument(document, choose)
    if not word:
        return None
    change = choose.one([str.upper, str.capitalize, str.swapcase, str.lower])
    return document.with_word(word, change(word.text))


def change_number(document, choose, _stock):
    word = matching_argument(document, choose, NUMBER)
    if not word:
        return None
    match = choose.one(list(NUMBER.finditer(word.text)))
    old = match.group()
    wanted = choose.one(
        ["0", "1", "-1", "65535", "65536", "4294967296", "99999999999999999999", "007", "1.5", "x"]
        + ["", old + "0", old[:-1], old + old, f"-{old}", str(int(old) + 1), str(int(old) - 1)]
    )
    return document.with_word(word, word.text[: match.start()] + wanted + word.text[match.end() :])


def change_unit(document, choose, _stock):
    word = matching_argument(document, choose, AMOUNT)
    if not word:
        return None
    match = choose.one(list(AMOUNT.finditer(word.text)))
    unit = choose.one(["", *"k K m M g G kb s ms h d w y b %".split()])
    return document.with_word(word, word.text[: match.end(1)] + unit + word.text[match.end() :])


def change_parameter(document, choose, _stock):
    """zone=one:10m without its name, its "=" or its value, or with another name."""
    word = matching_argument(document, choose, re.compile(r"\w[=:]\S"))
    if not word:
        return None
    name, mark, value = re.match(r"(.*?\w)([=:])(.*)", word.text, re.DOTALL).groups()
    wanted = [name, value, mark + value, name + mark, name + value, f"{name}x{mark}{value}"]
    wanted += [f"{name}{mark}{mark}{value}", f"{name} {mark}{value}", f"{name}{mark} {value}"]
    return document.with_word(word, choose.one(wanted))


def change_variable(document, choose, _stock):
    word = matching_argument(document, choose, VARIABLE)
    if not word:
        return None
    match = choose.one(list(VARIABLE.finditer(word.text)))
    name = match.group(1).strip("{}")
    wanted = [f"${name}x", f"${name[:-1]}", f"${{{name}", f"${{{name}}}", name, "$", "${}", "$1"]
    wanted += [f"${name.upper()}", f"$${name}", f"${{{name}-x}}"]
    wanted += ["$undefined", "$host", "$request_uri"]
    changed = word.text[: match.start()] + choose.one(wanted) + word.text[match.end() :]
    return document.with_word(word, changed)


def change_character(document, choose, _stock):
    word = any_word(document, choose)
    at = choose.random.randrange(len(word.text) + 1)
    extra = choose.one(list(" /:.,*~^$=!#\\()[]{};'\"\t\n") + ["é", "\x00", "\xa0"])
    return document.with_word(word, word.text[:at] + extra + word.text[at:])


# ---------------------------------------------------------------- names


def misspell_name(document, choose, _stock):
    word = choose.one(document.statements).words[0]
    text, at = word.text, choose.random.randrange(len(word.text))
    wanted = [text[:at] + text[at + 1 :], text[:at] + text[at] + text[at:], text.upper()]
    wanted += [text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :] if at else text + "s"]
    wanted += [text.replace("_", "-"), text.replace("_", ""), text + ":"]
    return document.with_word(word, choose.one(wanted))


def other_name(document, choose, stock):
    return document.with_word(choose.one(document.statements).words[0], choose.name(stock.names))


def other_name_of_kin(document, choose, stock):
    """proxy_buffers for proxy_buffer_size, fastcgi_pass for proxy_pass."""
    word = choose.one(document.statements).words[0]
    parts = set(word.text.split("_"))
    kin = [name for name in stock.names if name != word.text and parts & set(name.split("_"))]
    return document.with_word(word, choose.name(kin)) if kin else None


# ---------------------------------------------------------------- blocks


def is_within(block, statement):
    while block:
        if block is statement:
            return True
        block = block.parent
    return False


def place_in(document, choose, statement, text):
    """Where else a statement could stand: the beginning of a block, or of the file."""
    blocks = [block for block in document.blocks if not is_within(block, statement)]
    block = choose.one([*blocks, None])
    at = block.mark.end if block else 0
    return text[:at] + f" {document.slice(statement)} " + text[at:], at


def move(document, choose, _stock):
    statement = choose.one(document.statements)
    text, at = place_in(document, choose, statement, document.text)
    shift = len(text) - len(document.text) if at <= statement.begin else 0
    return text[: statement.begin + shift] + text[statement.end + shift :]


def copy(document, choose, _stock):
    return place_in(document, choose, choose.one(document.statements), document.text)[0]


def double(document, choose, _stock):
    statement = choose.one(document.statements)
    return document.replaced(statement.end, statement.end, f"\n{document.slice(statement)}")


def borrow(document, choose, stock):
    """A statement of another configuration, in a block of the same kind."""
    block = choose.one(document.blocks)
    statement = choose.name(stock.statements.get(path(block), ())) if block else None
    if not statement:
        return None
    return document.replaced(block.mark.end, block.mark.end, f" {statement} ")


def reorder(document, choose, _stock):
    """A statement and the next one of its block change places."""
    pairs = [
        pair
        for block in document.blocks
        for pair in zip(block.children, block.children[1:])
        if all(statement.mark for statement in pair)
    ]
    if not pairs:
        return None
    one, other = choose.one(pairs)
    between = document.text[one.end : other.begin]
    return document.replaced(
        one.begin, other.end, document.slice(other) + between + document.slice(one)
    )


def delete(document, choose, _stock):
    statement = choose.one(document.statements)
    return document.replaced(statement.begin, statement.end, "")


def delete_some(document, choose, _stock):
    """Several statements of one block: what it needs may be among them."""
    block = choose.one([block for block in document.blocks if block.children])
    if not block:
        return None
    text = document.text
    for child in reversed(block.children):
        if choose.random.random() < 0.5:
            text = text[: child.begin] + text[child.end :]
    return text


def block_to_line(document, choose, _stock):
    block = choose.one(document.blocks)
    return document.replaced(block.mark.begin, block.end, ";") if block else None


def line_to_block(document, choose, _stock):
    lines = [one for one in document.statements if one.mark and not one.is_block]
    line = choose.one(lines)
    return document.replaced(line.mark.begin, line.mark.end, " { }") if line else None


def unwrap(document, choose, _stock):
    """A block's contents without the block."""
    block = choose.one(document.blocks)
    if not block:
        return None
    return document.replaced(block.begin, block.end, document.text[block.mark.end : block.end - 1])


# ---------------------------------------------------------------- marks


def drop_mark(document, choose, _stock):
    mark = choose.one(document.marks)
    return document.with_word(mark, "") if mark else None


def double_mark(document, choose, _stock):
    mark = choose.one(document.marks)
    return document.with_word(mark, mark.text * 2) if mark else None


def other_mark(document, choose, _stock):
    mark = choose.one(document.marks)
    return document.with_word(mark, choose.one(list(";{}"))) if mark else None


def change_quote(document, choose, _stock):
    word = matching_argument(document, choose, re.compile(r"^[\"']"))
    if not word or choose.random.random() < 0.2:
        word = any_word(document, choose)
        wanted = [f'"{word.text}', f"'{word.text}'", f'{word.text}"']
        return document.with_word(word, choose.one(wanted))
    text, quote = word.text, word.text[0]
    return document.with_word(
        word, choose.one([text[1:], text[:-1], text[1:-1], quote + text, text + quote, f"{text}x"])
    )


MUTATIONS = {
    delete_word: 3,
    double_word: 3,
    swap_words: 3,
    truncate_word: 5,
    drop_arguments: 1,
    add_argument: 4,
    foreign_argument: 4,
    plain_argument: 5,
    change_case: 4,
    change_number: 6,
    change_unit: 6,
    change_parameter: 5,
    change_variable: 5,
    change_character: 3,
    misspell_name: 4,
    other_name: 5,
    other_name_of_kin: 5,
    move: 8,
    copy: 5,
    borrow: 6,
    reorder: 2,
    double: 5,
    delete: 4,
    delete_some: 2,
    block_to_line: 1,
    line_to_block: 1,
    unwrap: 2,
    drop_mark: 2,
    double_mark: 2,
    other_mark: 1,
    change_quote: 2,
}
FUNCTIONS, WEIGHTS = list(MUTATIONS), list(MUTATIONS.values())


def mutate(document, name, stock):
    """Returns (kind of fault, text); the text differs from the document's where anything fits."""
    choose = Chooser(name)
    for function in choose.random.choices(FUNCTIONS, WEIGHTS, k=20):
        text = function(document, choose, stock)
        if text is not None and text != document.text:
            return function.__name__.replace("_", " "), text
    return "nothing", document.text


def directive_names(document):
    """The names at the heads of statements that are not rows of data."""
    data = {"types", "map", "geo", "split_clients", "charset_map"}
    return {
        statement.words[0].text
        for statement in document.statements
        if not (statement.parent and statement.parent.words[0].text in data)
        and re.fullmatch(r"[a-z][a-z0-9_]+", statement.words[0].text)
    }
