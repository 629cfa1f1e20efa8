"""A Paraformer of random weights, as small as one can be: the true loading, cutting and decoding path without the 800 MB of a real one."""

import json
from pathlib import Path
from typing import Any

TOKENS = ["<blank>", "<s>", "</s>", *"今天客户预算招标时间技术顾虑交付周期售后响应我们的是了不在", "<unk>"]
DIM = 32


def settings(tokens: Path, statistics: Path) -> dict[str, Any]:
    attention = {"attention_heads": 2, "dropout_rate": 0.0, "positional_dropout_rate": 0.0}
    return {
        "model": "Paraformer",
        "model_conf": {
            "ctc_weight": 0.0,
            "lsm_weight": 0.1,
            "length_normalized_loss": True,
            "predictor_weight": 1.0,
            "sampling_ratio": 0.4,
        },
        "encoder": "SANMEncoder",
        "encoder_conf": attention
        | {"output_size": DIM, "linear_units": 64, "num_blocks": 2, "attention_dropout_rate": 0.0, "input_layer": "pe"}
        | {"pos_enc_class": "SinusoidalPositionEncoder", "normalize_before": True, "kernel_size": 11, "sanm_shfit": 0}
        | {"selfattention_layer_type": "sanm"},
        "decoder": "ParaformerSANMDecoder",
        "decoder_conf": attention
        | {"linear_units": 64, "num_blocks": 2, "self_attention_dropout_rate": 0.0, "src_attention_dropout_rate": 0.0}
        | {"att_layer_num": 2, "kernel_size": 11, "sanm_shfit": 0},
        "predictor": "CifPredictorV2",
        "predictor_conf": {"idim": DIM, "threshold": 1.0, "l_order": 1, "r_order": 1, "tail_threshold": 0.45},
        "frontend": "WavFrontend",
        "frontend_conf": {
            "fs": 16000,
            "window": "hamming",
            "n_mels": 80,
            "frame_length": 25,
            "frame_shift": 10,
            "lfr_m": 7,
            "lfr_n": 6,
            "cmvn_file": str(statistics),
        },
        "tokenizer": "CharTokenizer",
        "tokenizer_conf": {"unk_symbol": "<unk>", "split_with_space": True, "token_list": str(tokens)},
        "vocab_size": len(TOKENS),
        "input_size": WIDE,
    }


WIDE = 560  # seven frames of eighty bands


def cmvn() -> str:
    """Statistics of a front end that leave its values as they are, in Kaldi's text form."""
    shift, scale = " ".join(["0"] * WIDE), " ".join(["1"] * WIDE)
    rows = (f"<Splice> {WIDE} {WIDE}", "[ 0 ]", f"<AddShift> {WIDE} {WIDE}", f"<LearnRateCoef> 0 [ {shift} ]")
    return "\n".join(["<Nnet>", *rows, f"<Rescale> {WIDE} {WIDE}", f"<LearnRateCoef> 0 [ {scale} ]", "</Nnet>", ""])


def build(folder: Path) -> Path:
    """Write a model folder as FunASR's own look."""
    import torch
    import yaml
    from funasr import AutoModel

    folder.mkdir(parents=True, exist_ok=True)
    tokens = folder / "tokens.json"
    tokens.write_text(json.dumps(TOKENS, ensure_ascii=False), encoding="utf-8")
    (folder / "am.mvn").write_text(cmvn(), encoding="ascii")
    told = settings(tokens, folder / "am.mvn")
    torch.manual_seed(1)
    made, _ = AutoModel.build_model(**told, device="cpu", disable_update=True)
    torch.save(made.state_dict(), folder / "model.pt")
    (folder / "config.yaml").write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
    return folder
