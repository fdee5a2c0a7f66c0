"""Write ``corpus.json``: texts of many scripts and odd ones, each with its tokens as OpenAI's tiktoken has them.

It needs tiktoken (0.14.0 made what lies here), which is no dependency of Nightshift: its merges are not in its package but fetched from
OpenAI. So those of gpt-tokenizer are given to it, and what is compared is the rest: how texts are split, and how pieces are merged.

    node tests/data/tokens/ranks.mjs && python tests/data/tokens/make.py
"""

from __future__ import annotations

import base64
import json
import random
import unicodedata
from pathlib import Path

import tiktoken  # type: ignore[import-not-found, unused-ignore]

HERE = Path(__file__).parent
PATTERNS = {
    "o200k_base": "|".join(
        (
            r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
            r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
            r"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        )
    ),
    "cl100k_base": r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s",
}
"""tiktoken_ext/openai_public.py of tiktoken 0.14."""
HARD = (
    *("", " ", "Hello  world!\n\n\n  x", "don't DON'T we'LL I’ve", "a" * 500, " " * 300, "\n" * 77 + "x", "1234567890" * 30),
    *("日本語のテキスト。改行\r\nあり", "العربية مرحبا بالعالم ١٢٣", "हिन्दी में नमस्ते दुनिया", "ไทยภาษาสวยงาม", "한국어 문장입니다", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𓀀"),
    *("👩‍👩‍👧‍👦 emoji 🇩🇪🏳️‍🌈", "e\u0301 vs é, ﬁ ligature", "def f(x):\n\treturn {'a': [1,2,3]}  # comment\n", "<|endoftext|> and <|im_start|>"),
    *("ÀÉÎÕÜ ß İi ıI Ǆǅǆ", "\u200b\u200d\ufeffzero width", "\ufeff", "\ufeffstart", "x\ufeff\ufeff y", "a\u0085b \u0085", "\u180e\u2028\u2029"),
    *("https://example.com/?q=%20a&b=c#frag", "x\u0000y\u0007z", "ǅungla ʰa ªº", "ສະບາຍດີ ជំរាបសួរ မင်္ဂလာပါ", "Ελληνικά Українська עברית"),
    *("tab\t\ttab  \t x", "\r\n\r\n", "CamelCaseHTTPServer2Go", "  leading", "trailing  ", "{{column}} «quoted» — dash…"),
)


def texts() -> list[str]:
    """The hard ones, and random ones of every script, the same in each run."""
    dice = random.Random(3)
    ranges = ((0, 0x3000), (0x4E00, 0x4F00), (0xAC00, 0xAD00), (0xFE00, 0xFF00), (0x1F300, 0x1F700))
    pool = [one for start, stop in ranges for one in map(chr, range(start, stop)) if unicodedata.category(one) not in ("Cs", "Cn")]
    some = " \n'aAsStT0\ufeff\u0085"
    return [
        *HARD,
        *("".join(dice.choice(pool) if dice.random() < 0.7 else dice.choice(some) for _ in range(dice.randint(1, 60))) for _ in range(400)),
    ]


def main() -> None:
    """Write the corpus."""
    given = texts()
    found: dict[str, object] = {"tiktoken": tiktoken.__version__, "texts": given}
    for name, pattern in PATTERNS.items():
        merges = json.loads((HERE / f"{name}.ranks.json").read_text())
        ranks = {base64.b64decode(one): rank for rank, one in enumerate(merges) if one is not None}
        encoding = tiktoken.Encoding(name, pat_str=pattern, mergeable_ranks=ranks, special_tokens={})
        found[name] = [encoding.encode_ordinary(text) for text in given]
    (HERE / "corpus.json").write_text(json.dumps(found, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
