"""What must hold of counting tokens in the page: CPython has no counter of ours."""

from app.core.openai.wire import BytesBlob
from app.ports import Tokenizers


async def case_texts_are_counted(tokenizers: Tokenizers) -> None:
    """As tiktoken counts them, one by one, in both encodings; special tokens in a text are text."""
    texts = ["Hello  world!\n\n\n  x", "", "日本語のテキスト。改行\r\nあり", "<|endoftext|>", "\ufeffstart", "a" * 4_000]
    assert await tokenizers.counts("o200k_base", texts) == [6, 0, 11, 7, 2, 500]
    assert await tokenizers.counts("cl100k_base", texts[:2]) == [6, 0]
    assert await tokenizers.counts("o200k_base", []) == []
    assert await tokenizers.counts_in("o200k_base", BytesBlob(b"Hello  world!\n\n\n  x" * 2), [19, 38]) == [6, 6]
    assert await tokenizers.counts_in("o200k_base", BytesBlob(b""), []) == []
    tokenizers.close()
    assert await tokenizers.counts("o200k_base", ["after it was closed"]) == [4]
    tokenizers.close()
