"""Writes a tiny model with random weights as a GGUF file: `python tiny_model.py FILE`.

For the test against a real server, whose environment has the `gguf` package. The model knows
nothing. Its tokens are bytes and a few characters; bytes outside printable ASCII are never
preferred, and what ends a string or a list is, so that answers forced into a schema come to an
end. What it answers means nothing.
"""

from __future__ import annotations

import sys
from typing import Any

import gguf  # type: ignore[import-not-found]
import numpy as np

LAYERS, WIDTH, HEADS, INNER, CONTEXT = 2, 64, 4, 128, 65536
SCALE = 2.0
ENDING = 6.0
"""How much the model leans towards what ends a string or a list."""

CHAT_TEMPLATE = (
    "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}"
    "assistant: "
)


def main() -> None:
    random = np.random.default_rng(1)
    kind = gguf.TokenType
    tokens = [(b"<unk>", kind.UNKNOWN), (b"<s>", kind.CONTROL), (b"</s>", kind.CONTROL)]
    tokens += [(b"<0x%02X>" % byte, kind.BYTE) for byte in range(256)]
    marks = [chr(code) for code in range(33, 127)] + ["▁", "▁the", "▁and"]
    tokens += [(mark.encode(), kind.NORMAL) for mark in marks]
    texts = [text for text, _ in tokens]

    out = gguf.GGUFWriter(sys.argv[1], "llama")
    out.add_name("tiny random model")
    out.add_context_length(CONTEXT)
    out.add_embedding_length(WIDTH)
    out.add_block_count(LAYERS)
    out.add_feed_forward_length(INNER)
    out.add_head_count(HEADS)
    out.add_head_count_kv(HEADS)
    out.add_layer_norm_rms_eps(1e-5)
    out.add_rope_dimension_count(WIDTH // HEADS)
    out.add_file_type(gguf.LlamaFileType.ALL_F32)
    out.add_vocab_size(len(tokens))
    out.add_tokenizer_model("llama")
    out.add_tokenizer_pre("default")
    out.add_token_list(texts)
    out.add_token_types([each for _, each in tokens])
    out.add_token_scores([-float(number) for number in range(len(tokens))])
    out.add_unk_token_id(0)
    out.add_bos_token_id(1)
    out.add_eos_token_id(2)
    out.add_add_bos_token(True)
    out.add_chat_template(CHAT_TEMPLATE)

    def weights(*shape: int) -> Any:
        # The first dimension of the width stays as the embedding set it: it carries the leanings.
        drawn = random.standard_normal(shape) * SCALE / np.sqrt(shape[-1])
        return drawn.astype(np.float32)

    def into_width(*shape: int) -> Any:
        drawn = weights(*shape)
        drawn[0, :] = 0
        return drawn

    embedding = random.standard_normal((len(tokens), WIDTH)).astype(np.float32)
    embedding[:, 0] = 3
    heads = random.standard_normal((len(tokens), WIDTH)).astype(np.float32)
    heads[:, 0] = 0
    heads[3:259, 0] = -40
    for ending in (b'"', b"]", b"}"):
        heads[texts.index(ending), 0] = ENDING
    out.add_tensor("token_embd.weight", embedding)
    for number in range(LAYERS):
        layer = f"blk.{number}."
        out.add_tensor(layer + "attn_norm.weight", np.ones(WIDTH, np.float32))
        for name in ("attn_q", "attn_k", "attn_v"):
            out.add_tensor(f"{layer}{name}.weight", weights(WIDTH, WIDTH))
        out.add_tensor(layer + "attn_output.weight", into_width(WIDTH, WIDTH))
        out.add_tensor(layer + "ffn_norm.weight", np.ones(WIDTH, np.float32))
        out.add_tensor(layer + "ffn_gate.weight", weights(INNER, WIDTH))
        out.add_tensor(layer + "ffn_up.weight", weights(INNER, WIDTH))
        out.add_tensor(layer + "ffn_down.weight", into_width(WIDTH, INNER))
    out.add_tensor("output_norm.weight", np.ones(WIDTH, np.float32))
    out.add_tensor("output.weight", heads)
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()


if __name__ == "__main__":
    main()
