"""Models of random weights, as small as they can be: the true loading, cutting and decoding paths without the gigabytes of real ones."""

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
    """A Paraformer."""
    folder.mkdir(parents=True, exist_ok=True)
    tokens = folder / "tokens.json"
    tokens.write_text(json.dumps(TOKENS, ensure_ascii=False), encoding="utf-8")
    (folder / "am.mvn").write_text(cmvn(), encoding="ascii")
    return _written(folder, settings(tokens, folder / "am.mvn"))


def build_sensevoice(folder: Path) -> Path:
    """A SenseVoice, with the list of its own files that it is published with."""
    import sentencepiece

    folder.mkdir(parents=True, exist_ok=True)
    bpe = folder / "chn_jpn_yue_eng_ko_spectok.bpe.model"
    with bpe.open("wb") as file:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(TOKENS[3:-1]),
            model_writer=file,
            vocab_size=len(TOKENS) + 10,
            model_type="char",
            hard_vocab_limit=False,
            user_defined_symbols=["<|zh|>", "<|NEUTRAL|>", "<|Speech|>", "<|withitn|>"],
            minloglevel=2,
        )
    (folder / "am.mvn").write_text(cmvn(), encoding="ascii")
    told = settings(bpe, folder / "am.mvn")
    size = sentencepiece.SentencePieceProcessor(model_file=str(bpe)).get_piece_size()
    made = {name: told[name] for name in ("frontend", "frontend_conf", "input_size")} | {
        "model": "SenseVoiceSmall",
        "model_conf": {"length_normalized_loss": True, "sos": 1, "eos": 2, "ignore_id": -1},
        "encoder": "SenseVoiceEncoderSmall",
        "encoder_conf": {**told["encoder_conf"], "tp_blocks": 1},
        "tokenizer": "SentencepiecesTokenizer",
        "tokenizer_conf": {"bpemodel": str(bpe), "unk_symbol": "<unk>", "split_with_space": True},
        "vocab_size": size,
    }
    files = {
        "init_param": "model.pt",
        "config": "config.yaml",
        "tokenizer_conf": {"bpemodel": bpe.name},
        "frontend_conf": {"cmvn_file": "am.mvn"},
    }
    (folder / "configuration.json").write_text(json.dumps({"file_path_metas": files}), encoding="utf-8")
    return _written(folder, made)


def build_contextual(folder: Path) -> Path:
    """A SeACo-Paraformer, the one that takes hotwords."""
    folder.mkdir(parents=True, exist_ok=True)
    tokens = folder / "tokens.json"
    tokens.write_text(json.dumps(TOKENS, ensure_ascii=False), encoding="utf-8")
    (folder / "am.mvn").write_text(cmvn(), encoding="ascii")
    (folder / "seg_dict").write_text("".join(f"{one} {one}\n" for one in TOKENS[3:-1]), encoding="utf-8")
    told = settings(tokens, folder / "am.mvn")
    more = {"inner_dim": DIM, "bias_encoder_type": "lstm", "bias_encoder_bid": False, "NO_BIAS": 0, "train_decoder": True}
    return _written(
        folder,
        told
        | {
            "model": "SeacoParaformer",
            "model_conf": {**told["model_conf"], **more},
            "predictor": "CifPredictorV3",
            "predictor_conf": {**told["predictor_conf"], "smooth_factor2": 0.25, "noise_threshold2": 0.01}
            | {"upsample_times": 3, "use_cif1_cnn": False, "upsample_type": "cnn_blstm"},
            "seaco_decoder": "ParaformerSANMDecoder",
            "seaco_decoder_conf": {**told["decoder_conf"], "use_output_layer": False, "wo_input_layer": True},
        },
    )


def build_punctuation(folder: Path) -> Path:
    """A CT-Transformer: where it puts its marks means nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    tokens = folder / "tokens.json"
    tokens.write_text(json.dumps(TOKENS, ensure_ascii=False), encoding="utf-8")
    encoder = settings(tokens, tokens)["encoder_conf"]
    return _written(
        folder,
        {
            "model": "CTTransformer",
            "model_conf": {"ignore_id": 0, "embed_unit": DIM, "att_unit": DIM, "dropout_rate": 0.0, "sentence_end_id": 3}
            | {"punc_list": ["<unk>", "_", "，", "。", "？", "、"], "punc_weight": [1.0] * 6},
            "encoder": "SANMEncoder",
            "encoder_conf": {**encoder, "input_size": DIM},
            "tokenizer": "CharTokenizer",
            "tokenizer_conf": {"unk_symbol": "<unk>", "token_list": str(tokens)},
            "vocab_size": len(TOKENS),
        },
    )


def _written(folder: Path, told: dict[str, Any]) -> Path:
    """Write a model folder as FunASR's own look, with random weights, the same every time."""
    import torch
    import yaml
    from funasr import AutoModel

    torch.manual_seed(1)
    made, _ = AutoModel.build_model(**told, device="cpu", disable_update=True)
    torch.save(made.state_dict(), folder / "model.pt")
    (folder / "config.yaml").write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
    return folder
