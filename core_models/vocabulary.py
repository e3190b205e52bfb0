r"""Every quantity that Gatescope can show: its name, symbol, range, meaning, equation and source.

A trace holds values of these quantities and nothing else; axis titles, colour scales, captions and the glossary
page are all made from this table. A label on screen is always name and symbol together (``Quantity.label``),
because one letter can mean two things: :math:`c_t` is both a cell state and a context vector.

Sources
    Elman 1990, "Finding Structure in Time", Cognitive Science 14.
    Hochreiter & Schmidhuber 1997, "Long Short-Term Memory", Neural Computation 9(8).
    Gers, Schmidhuber & Cummins 2000, "Learning to Forget", Neural Computation 12(10).
    Cho et al. 2014, "Learning Phrase Representations using RNN Encoder-Decoder", arXiv 1406.1078, eqs. 5-8.
    Chung et al. 2014, "Empirical Evaluation of Gated Recurrent Neural Networks on Sequence Modeling", arXiv 1412.3555.
    Cheng, Dong & Lapata 2016, "Long Short-Term Memory-Networks for Machine Reading", arXiv 1601.06733.
    Dhingra et al. 2017, "Gated-Attention Readers for Text Comprehension", arXiv 1606.01549.
    Beck et al. 2024, "xLSTM: Extended Long Short-Term Memory", arXiv 2405.04517.
    Gu & Dao 2023, "Mamba: Linear-Time Sequence Modeling with Selective State Spaces", arXiv 2312.00752.
    Bahdanau, Cho & Bengio 2015, "Neural Machine Translation by Jointly Learning to Align and Translate",
    arXiv 1409.0473, eqs. 5-6 and appendix A.1.
    PyTorch 2.13 documentation of torch.nn.RNN, torch.nn.GRU and torch.nn.LSTM.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import inf

from core_models.language import mark, say


class Kind(StrEnum):
    """What a quantity means to a reader; decides its colour scale and which views can draw it."""

    GATE = mark("gate")
    STATE = mark("state")
    CANDIDATE = mark("candidate")
    PREACTIVATION = mark("pre-activation")
    EMBEDDING = mark("embedding")
    INPUT = mark("input")
    SCORE = mark("attention score")
    MASK = mark("attention mask")
    WEIGHT = mark("attention weight")
    CONTEXT = mark("context")
    OUTPUT = mark("output")
    CHOICE = mark("choice of the next token")
    LABEL = mark("label of a token")
    FORECAST = mark("forecast")
    INFLUENCE = mark("influence")
    REFERENCE = mark("reference")


@dataclass(frozen=True)
class Quantity:
    """One row of the vocabulary.

    Attributes:
        key: name used in code, URLs and exported files.
        name: name used on screen.
        symbol: plain-text symbol, subscripts as Unicode.
        latex: the same symbol in LaTeX.
        kind: what it means; views ask for a kind, never for a model.
        low: smallest possible value (``-inf`` when unbounded).
        high: largest possible value.
        dims: names of its axes, in order.
        meaning: one sentence for a newcomer.
        equation: LaTeX of the defining equation, in PyTorch's convention where conventions differ.
        source: paper and equation, or documentation, that the equation was checked against.
    """

    key: str
    name: str
    symbol: str
    latex: str
    kind: Kind
    low: float
    high: float
    dims: tuple[str, ...]
    meaning: str
    equation: str
    source: str

    @property
    def label(self) -> str:
        """Name and symbol together, as every label on screen shows them."""
        return say("{name} {symbol}", name=say(self.name), symbol=self.symbol)

    @property
    def signed(self) -> bool:
        """Whether the values lie on both sides of 0, so that a colour scale must be centred there."""
        return self.low < 0.0 < self.high


_STEPS = ("step", "unit")
_PAIRS = ("head", "query", "key")
_TORCH_GRU = "torch.nn.GRU documentation; Cho et al. 2014, eqs. 5-8 (z alike; there r acts before the product with U)"
_TORCH_LSTM = "torch.nn.LSTM documentation; Hochreiter & Schmidhuber 1997; forget gate from Gers et al. 2000"
_SLSTM = "Beck et al. 2024, arXiv 2405.04517, section 2.2, eqs. 8-17"
_S6 = "Gu & Dao 2023, arXiv 2312.00752, section 3.2, eq. 4 with A = −1"
_SCORE = "Bahdanau et al. 2015, eq. 6 (additive); Luong et al. 2015, eq. 8 (dot, concat); Vaswani et al. 2017, eq. 1"


VOCABULARY: dict[str, Quantity] = {
    row.key: row
    for row in (
        Quantity(
            "embedding", mark("word embedding"), "xₜ", r"x_t", Kind.EMBEDDING, -inf, inf, ("step", "feature"),
            mark("The learned vector that stands for the token: all the network knows of the word itself."),
            r"x_t = E[\mathrm{token}_t]", mark("lookup table, torch.nn.Embedding documentation"),
        ),
        Quantity(
            "preactivation", mark("pre-activation"), "aₜ", r"a_t", Kind.PREACTIVATION, -inf, inf, _STEPS,
            mark("The sum that goes into the squashing function; far from 0 the unit is saturated and learns little."),
            r"a_t = W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh}", "torch.nn.RNN documentation; Elman 1990",
        ),
        Quantity(
            "reset_gate", mark("reset gate"), "rₜ", r"r_t", Kind.GATE, 0.0, 1.0, _STEPS,
            mark("How much of the previous state may take part in writing the candidate: at 0 the unit starts afresh."),
            r"r_t = \sigma(W_{ir} x_t + b_{ir} + W_{hr} h_{t-1} + b_{hr})", _TORCH_GRU,
        ),
        Quantity(
            "update_gate", mark("update gate"), "zₜ", r"z_t", Kind.GATE, 0.0, 1.0, _STEPS,
            mark("How the new state is mixed from the previous state and the candidate."),
            r"z_t = \sigma(W_{iz} x_t + b_{iz} + W_{hz} h_{t-1} + b_{hz})", _TORCH_GRU,
        ),
        Quantity(
            "candidate", mark("candidate state"), "nₜ", r"n_t", Kind.CANDIDATE, -1.0, 1.0, _STEPS,
            mark("What the GRU would write into its state at this token (h̃ in the papers)."),
            r"n_t = \tanh(W_{in} x_t + b_{in} + r_t \odot (W_{hn} h_{t-1} + b_{hn}))", _TORCH_GRU,
        ),
        Quantity(
            "linear_candidate", mark("candidate, not squashed"), "h̃ₜ", r"\tilde{h}_t",
            Kind.CANDIDATE, -inf, inf, _STEPS,
            mark(
                "What the cell would write into its state at this token: a linear map of the input "
                "alone, of any size."),
            r"\tilde{h}_t = W_h x_t + b_h", "Feng et al. 2024, arXiv 2410.01201, section 3.1",
        ),
        Quantity(
            "log_input_gate", mark("log of the input gate"), "ĩₜ", r"\tilde{i}_t",
            Kind.PREACTIVATION, -inf, inf, _STEPS,
            mark("The exponent of an sLSTM’s input gate, before the stabiliser scales it."),
            r"\tilde{i}_t = W_i x_t + U_i h_{t-1} + b_i", _SLSTM,
        ),
        Quantity(
            "log_forget_gate", mark("log of the forget gate"), "f̃ₜ", r"\tilde{f}_t",
            Kind.PREACTIVATION, -inf, 0.0, _STEPS,
            mark("The log of an sLSTM’s forget gate, before the stabiliser scales it: 0 keeps everything."),
            r"\tilde{f}_t = \log \sigma(W_f x_t + U_f h_{t-1} + b_f)", _SLSTM,
        ),
        Quantity(
            "normaliser", mark("normaliser"), "nₜ", r"n_t", Kind.STATE, 0.0, inf, _STEPS,
            mark(
                "The weights with which an sLSTM wrote so far, added up as its cell state is; c / n is a "
                "weighted mean."),
            r"n_t = f_t \odot n_{t-1} + i_t", _SLSTM,
        ),
        Quantity(
            "stabiliser", mark("stabiliser"), "mₜ", r"m_t", Kind.STATE, -inf, inf, _STEPS,
            mark(
                "The log of the scale in which an sLSTM’s cell state and normaliser are kept, so that its "
                "exponential gates stay small."),
            r"m_t = \max(\tilde{f}_t + m_{t-1}, \tilde{i}_t)", _SLSTM,
        ),
        Quantity(
            "decay_gate", mark("decay"), "Āₜ", r"\bar{A}_t", Kind.GATE, 0.0, 1.0, _STEPS,
            mark(
                "How much of the inner state survives this token, made from the token alone: exp(−Δ) of "
                "the step size Δ."),
            r"\bar{A}_t = \exp(-\Delta_t)", _S6,
        ),
        Quantity(
            "write_factor", mark("write factor"), "Bₜ", r"B_t", Kind.PREACTIVATION, -inf, inf, _STEPS,
            mark("What the candidate is multiplied by before it is written into the inner state."),
            r"B_t = W_B x_t + b_B", _S6,
        ),
        Quantity(
            "read_factor", mark("read factor"), "Cₜ", r"C_t", Kind.PREACTIVATION, -inf, inf, _STEPS,
            mark("What the inner state is multiplied by to become the output at this token."),
            r"C_t = W_C x_t + b_C", _S6,
        ),
        Quantity(
            "inner_state", mark("inner state"), "sₜ", r"s_t", Kind.STATE, -inf, inf, _STEPS,
            mark(
                "What a state space layer carries from token to token; it is read through C, and nothing "
                "else sees it."),
            r"s_t = \bar{A}_t \odot s_{t-1} + (1 - \bar{A}_t) \odot B_t \odot \tilde{h}_t", _S6,
        ),
        Quantity(
            "input_gate", mark("input gate"), "iₜ", r"i_t", Kind.GATE, 0.0, 1.0, _STEPS,
            mark("How much of the cell candidate is written into the cell state."),
            r"i_t = \sigma(W_{ii} x_t + b_{ii} + W_{hi} h_{t-1} + b_{hi})", _TORCH_LSTM,
        ),
        Quantity(
            "forget_gate", mark("forget gate"), "fₜ", r"f_t", Kind.GATE, 0.0, 1.0, _STEPS,
            mark("How much of the cell state survives this token."),
            r"f_t = \sigma(W_{if} x_t + b_{if} + W_{hf} h_{t-1} + b_{hf})", _TORCH_LSTM,
        ),
        Quantity(
            "cell_candidate", mark("cell candidate"), "gₜ", r"g_t", Kind.CANDIDATE, -1.0, 1.0, _STEPS,
            mark("What the LSTM would add to its cell state at this token."),
            r"g_t = \tanh(W_{ig} x_t + b_{ig} + W_{hg} h_{t-1} + b_{hg})", _TORCH_LSTM,
        ),
        Quantity(
            "output_gate", mark("output gate"), "oₜ", r"o_t", Kind.GATE, 0.0, 1.0, _STEPS,
            mark("How much of the cell state the rest of the network may see."),
            r"o_t = \sigma(W_{io} x_t + b_{io} + W_{ho} h_{t-1} + b_{ho})", _TORCH_LSTM,
        ),
        Quantity(
            "cell_state", mark("cell state"), "cₜ", r"c_t", Kind.STATE, -inf, inf, _STEPS,
            mark(
                "The LSTM's long-term memory: it changes only by forgetting and adding, so it can "
                "hold a value for long."),
            r"c_t = f_t \odot c_{t-1} + i_t \odot g_t", _TORCH_LSTM,
        ),
        Quantity(
            "hidden_state", mark("hidden state"), "hₜ", r"h_t", Kind.STATE, -inf, inf, _STEPS,
            mark("What the network carries from token to token, and all that later steps and the readout can see."),
            r"h_t", mark("defined by each cell; see its equations"),
        ),
        Quantity(
            "attention_scores", mark("attention scores"), "eₜᵢ", r"e_{ti}", Kind.SCORE, -inf, inf, _PAIRS,
            mark(
                "How well token i fits what the reader at token t is looking for, before any "
                "comparison with other tokens."),
            r"e_{ti} = \mathrm{score}(h_t, h_i)", _SCORE,
        ),
        Quantity(
            "attention_mask", mark("attention mask"), "mₜᵢ", r"m_{ti}", Kind.MASK, 0.0, 1.0, _PAIRS,
            mark("1 where token i may be looked at from token t, 0 where it may not (not read yet, or padding)."),
            r"m_{ti} = [\, i \le t \,]", mark("definition"),
        ),
        Quantity(
            "attention_weights", mark("attention weights"), "αₜᵢ", r"\alpha_{ti}", Kind.WEIGHT, 0.0, 1.0, _PAIRS,
            mark(
                "The share of attention that token i gets from token t: softmax of the scores, so "
                "that a row sums to 1."),
            r"\alpha_{ti} = \frac{m_{ti}\, e^{e_{ti}}}{\sum_k m_{tk}\, e^{e_{tk}}}", "Bahdanau et al. 2015, eq. 6",
        ),
        Quantity(
            "context", mark("context vector"), "cₜ", r"c_t", Kind.CONTEXT, -inf, inf, _STEPS,
            mark("The attention-weighted sum of the hidden states; this is what the readout reads."),
            r"c_t = \sum_i \alpha_{ti} h_i", "Bahdanau et al. 2015, eq. 5",
        ),
        Quantity(
            "attended_memory", mark("attended memory"), "mₜ", r"m_t", Kind.CONTEXT, -inf, inf, _STEPS,
            mark(
                "The attention-weighted sum of all earlier hidden states, which the candidate reads; "
                "0 at the first token."),
            r"m_t = \sum_{i < t} \alpha_{ti} h_i", "after Cheng et al. 2016, arXiv 1601.06733, section 3.1",
        ),
        Quantity(
            "attended_input", mark("attended input"), "aₜ", r"a_t", Kind.CONTEXT, -inf, inf, _STEPS,
            mark("The attention-weighted sum of the squashed embeddings read so far; it multiplies the state."),
            r"a_t = \sum_{i \le t} \alpha_{ti} \tanh(x_i + b_v)", "Bahdanau et al. 2015, eq. 5, on embeddings",
        ),
        Quantity(
            "multiplied_state", mark("multiplied state"), "h′ₜ", r"h'_t", Kind.STATE, -inf, inf, _STEPS,
            mark("The hidden state times the attended input, unit by unit: what the next step reads as its past."),
            r"h'_t = a_t \odot h_t", "after Dhingra et al. 2017, arXiv 1606.01549, section 3.1",
        ),
        Quantity(
            "pooled_context", mark("pooled context"), "c̄ₜ", r"\bar c_t", Kind.CONTEXT, -inf, inf, _STEPS,
            mark("The mean of the contexts of all tokens read so far; this is what the readout reads."),
            r"\bar c_t = \frac{1}{t} \sum_{k \le t} c_k", mark("mean pooling, definition"),
        ),
        Quantity(
            "fusion_gate", mark("fusion gate"), "γₜ", r"\gamma_t", Kind.GATE, 0.0, 1.0, _STEPS,
            mark("How the readout's input is mixed from the context vector and the last hidden state."),
            r"\gamma_t = \sigma(W [c_t ; h_t] + b)", "after Arevalo et al. 2017, arXiv 1702.01992, eq. 1",
        ),
        Quantity(
            "fused_state", mark("fused state"), "sₜ", r"s_t", Kind.CONTEXT, -inf, inf, _STEPS,
            mark("Context vector and last hidden state, mixed unit by unit; this is what the readout reads."),
            r"s_t = \gamma_t \odot c_t + (1 - \gamma_t) \odot h_t", "after Arevalo et al. 2017, eq. 1",
        ),
        Quantity(
            "logit", mark("logit"), "ℓₜ", r"\ell_t", Kind.OUTPUT, -inf, inf, ("step",),
            mark(
                "The readout's answer before the logistic function, had the text ended at token t; "
                "above 0 is positive."),
            r"\ell_t = w^\top s_t + b,\quad s_t = h_t \text{ or } c_t", mark("logistic regression on the state"),
        ),
        Quantity(
            "probability", mark("probability of the second class"), "pₜ", r"p_t", Kind.OUTPUT, 0.0, 1.0, ("step",),
            mark(
                "The answer the network would give had the text ended at token t: how probable it "
                "finds the second of two "
            "classes."),
            r"p_t = \sigma(\ell_t)", mark("logistic regression on the state"),
        ),
        Quantity(
            "chosen_probability", mark("probability of the written token"), "p(yₜ)", r"p(y_t)", Kind.CHOICE, 0.0, 1.0,
            ("step",),
            mark(
                "How probable the network found the token that was written, before it was written; "
                "where a language model "
            "reads a text, the token that came."),
            r"p(y_t \mid y_{<t}, x) = \mathrm{softmax}(E o_t + b)_{y_t}", "Bahdanau et al. 2015, eq. 4",
        ),
        Quantity(
            "candidate_probability", mark("probability of the candidates"), "p(yₜ = k)",
            r"p(y_t = k)", Kind.CHOICE, 0.0, 1.0,
            ("step", "rank"),
            mark(
                "The most probable next tokens at every step, the best first; the rest of the "
                "vocabulary shares what is "
            "left."),
            r"p(y_t = k \mid y_{<t}, x) = \mathrm{softmax}(E o_t + b)_k", "Bahdanau et al. 2015, eq. 4",
        ),
        Quantity(
            "entropy", mark("uncertainty about the next token"), "Hₜ", r"H_t", Kind.CHOICE, 0.0, inf, ("step",),
            mark(
                "Entropy of the distribution over all tokens, in nats: 0 where the network is "
                "certain, large where many "
            "tokens would do."),
            r"H_t = -\sum_k p(y_t = k) \ln p(y_t = k)", "Shannon 1948, A Mathematical Theory of Communication",
        ),
        Quantity(
            "local_features", mark("local features"), "uₜ", r"u_t", Kind.EMBEDDING, 0.0, inf, ("step", "feature"),
            mark("What a small window of neighbouring tokens gives away, before any recurrence reads it."),
            r"u_t = \mathrm{relu}\Big(\sum_k C_k x_{t+k} + b\Big)", "LeCun et al. 1998, convolution; torch.nn.Conv1d",
        ),
        Quantity(
            "tag_probability", mark("probability of the label"), "p(yₜ = k)", r"p(y_t = k)", Kind.LABEL, 0.0, 1.0,
            ("step", "label"),
            mark("How probable the network finds each label of this token, from the states of both directions."),
            r"p(y_t = k \mid x) = \mathrm{softmax}(W h_t + b)_k", "Graves & Schmidhuber 2005",
        ),
        Quantity(
            "class_probability", mark("probability of the class"), "p(y = k)",
            r"p(y = k)", Kind.LABEL, 0.0, 1.0, ("label",),
            mark("How probable the network finds each class of the whole sequence."),
            r"p(y = k \mid x) = \mathrm{softmax}(V s + d)_k,\quad s = [\overrightarrow{h}_T ; \overleftarrow{h}_1] "
            r"\text{ or made of } c \text{ and } h", "Graves & Schmidhuber 2005; softmax regression on the state",
        ),
        Quantity(
            "running_probability", mark("probability of the class so far"), "p(y = k | x₁…xₜ)",
            r"p(y = k \mid x_{\le t})",
            Kind.LABEL, 0.0, 1.0, ("step", "label"),
            mark("How probable the network would find each class, had the sequence ended at this step."),
            r"p(y = k \mid x_{\le t}) = \mathrm{softmax}(V s_t + d)_k", mark("softmax regression on the state"),
        ),
        Quantity(
            "output_value", mark("output value"), "yₜₖ", r"y_{t,k}", Kind.LABEL, -inf, inf, ("step", "label"),
            mark(
                "What a linear readout makes of the state at this step, as it is; without a readout, "
                "the state itself."),
            r"y_{t,k} = w_k \cdot h_t + b_k", mark("linear readout, torch.nn.Linear documentation"),
        ),
        Quantity(
            "frame", mark("frame"), "xₜ", r"x_t", Kind.EMBEDDING, -inf, inf, ("step", "feature"),
            mark(
                "The numbers that stand for one short stretch of a signal, such as its energy in "
                "each band of frequencies."),
            r"x_t", mark("given with the input"),
        ),
        Quantity(
            "input_values", mark("input values"), "xₜ", r"x_t", Kind.INPUT, -inf, inf, ("step", "feature"),
            mark(
                "The numbers of this step, in standard deviations from their mean; a network that is "
                "anchored at the last "
            "value of the series reads the series relative to it."),
            r"x_t = \frac{v_t - \mu}{\sigma}", mark("z-score, definition"),
        ),
        Quantity(
            "forecast", mark("forecast"), "ŷₖ", r"\hat y_k", Kind.FORECAST, -inf, inf, ("horizon",),
            mark(
                "What the network expects of the series k steps after the last one it read, in "
                "standard deviations of the "
            "series from its mean."),
            r"\hat y_k = y_T + w_k \cdot s + b_k", "linear readout; anchored at the last value as in arXiv 2205.13504",
        ),
        Quantity(
            "forecast_lower", mark("lower end of the interval"), "qₖ", r"q_k", Kind.FORECAST, -inf, inf, ("horizon",),
            mark("The value below which the network expects one of ten to fall, k steps ahead."),
            r"q_k = \hat y_k - \lambda_k\, \mathrm{softplus}(a_k \cdot s + d_k)",
            "quantile regression, Koenker & Bassett 1978; λ: conformal, Romano et al. 2019, arXiv 1905.03222",
        ),
        Quantity(
            "forecast_upper", mark("upper end of the interval"), "Qₖ", r"Q_k", Kind.FORECAST, -inf, inf, ("horizon",),
            mark("The value above which the network expects one of ten to fall, k steps ahead."),
            r"Q_k = \hat y_k + \lambda_k\, \mathrm{softplus}(a_k \cdot s + d_k)",
            "quantile regression, Koenker & Bassett 1978; λ: conformal, Romano et al. 2019, arXiv 1905.03222",
        ),
        Quantity(
            "forecast_stretch", mark("factor of the interval"), "λₖ", r"\lambda_k", Kind.FORECAST, 0.0, inf,
            ("horizon",),
            mark("By how much the interval that was learned is stretched or shrunk, so that it would have held eight "
            "of ten values k steps ahead."),
            r"\lambda_k = e_{(r)}, \quad r = \lceil 0.8\,(n + 1) + 0.2\,(k - 1) \rceil",
            "conformal, Romano et al. 2019, arXiv 1905.03222; rolling, Gibbs & Candès 2021, arXiv 2106.00170",
        ),
        Quantity(
            "influence", mark("influence on the logit"), "ιᵤ", r"\iota_u", Kind.INFLUENCE, -inf, inf, ("unit",),
            mark("Gradient times activation of the unit, summed over tokens, through what lies above its layer: "
            "for a linear readout of one state, exactly the unit's share of the logit."),
            r"\iota_u = \sum_t h_{t,u}\, \frac{\partial \ell_T}{\partial h_{t,u}}",
            "gradient x input, Shrikumar et al. 2016, arXiv 1605.01713, applied to a layer's output",
        ),
        Quantity(
            "reference_states", mark("background states"), "hᵣ", r"h^{\mathrm{ref}}", Kind.REFERENCE, -inf, inf,
            ("sample", "unit"),
            mark(
                "The last state reached on several hundred other inputs; the map in which the path "
                "of an input is drawn."),
            r"h^{\mathrm{ref}}_s = h_T(\text{input}_s)", mark("recorded when the model was trained"),
        ),
        Quantity(
            "reference_classes", mark("background classes"), "yᵣ",
            r"y^{\mathrm{ref}}", Kind.REFERENCE, 0.0, 1.0, ("sample",),
            mark("The known class of each background input: 0 the first class, 1 the second."),
            r"y^{\mathrm{ref}}_s \in \{0, 1\}", mark("labels of the background inputs"),
        ),
    )
}  # fmt: skip


def quantity(key: str) -> Quantity:
    """Row of the vocabulary named ``key``.

    Raises:
        KeyError: if there is no such quantity; the message lists those that exist.
    """
    if key not in VOCABULARY:
        raise KeyError(f"vocabulary: expected one of {', '.join(VOCABULARY)}, got {key!r}")
    return VOCABULARY[key]
