"""Secondary structure of proteins, residue by residue: helix, strand or coil (Q3)."""

from __future__ import annotations

import gzip
from pathlib import Path

from core_models.language import mark, say
from pretrained.kinds.labels import Column, Labelled, TagExample, TagTask
from pretrained.looks_like import advice
from pretrained.task import InputError
from pretrained.uploads.letters.fasta import odd_letter, only_sequence

FILES = {
    "protein_ss/train.tsv.gz": "f54f0980e86009414e41f89c65c0d7d56d3d8e5c79b0495fedc9d9133072eea9",
    "protein_ss/dev.tsv.gz": "3f1cf5be24578911557e5cf2ad7d5998384c21fe6a9f264947bdeb1583cf03bd",
    "protein_ss/new364.tsv.gz": "f1ecda6eecb4bb193fd36e3fb7f9bcb5870e86d2ba2f0b638673c9961196352e",
    "protein_ss/cb513.tsv.gz": "e1bfae1e51119a3f7940ac7ba8391effdbf457523fc78f0d8387ef3855b395c9",
    "protein_ss/ts115.tsv.gz": "cc4eb4ad7c932f4bfefa462f388383e1bf421f0c1a6339faecfdb6e5f2b6aeb9",
}
RESIDUES = "ACDEFGHIKLMNPQRSTVWYXUOBZJ"
"""The twenty amino acids, selenocysteine U, pyrrolysine O, and the signs for what is not known exactly."""

TEST_FILES = {"test": "new364"}


def split(text: str) -> list[tuple[int, int]]:
    """Every residue."""
    return [(at, at + 1) for at, sign in enumerate(text) if not sign.isspace()]


def prepare(text: str) -> str:
    """Letters of one sequence; FASTA headers, line ends and blanks are left out.

    Raises:
        InputError: if there are several sequences, or a letter that stands for no residue.
    """
    letters = only_sequence(text).rstrip("*")
    if odd := odd_letter(letters, RESIDUES, mark("amino acid")):
        said = say("{odd}: leave it out, and type one-letter codes such as MKTAYIAKQR.", odd=odd)
        raise InputError(f"{said} {advice(text, 'a protein')}".rstrip())
    return letters


def items(folder: Path, part: str) -> list[Labelled]:
    """Proteins of a split; residues that were not resolved have no label."""
    found = []
    with gzip.open(folder / f"protein_ss/{TEST_FILES.get(part, part)}.tsv.gz", "rt", encoding="utf-8") as file:
        names = file.readline().rstrip("\n").split("\t")
        for line in file:
            row = dict(zip(names, line.rstrip("\n").split("\t"), strict=True))
            scored = zip(row["q3"], row["mask"], strict=True)
            tags = tuple(tag if mask == "1" else None for tag, mask in scored)
            found.append(Labelled(tuple(row["seq"].upper()), tags))
    return found


MYOGLOBIN = (
    "MVLSEGEWQLVLHVWAKVEADVAGHGQDILIRLFKSHPETLEKFDRFKHLKTEAEMKASEDLKKHGVTVLTALGAILKKKGHHEAELKPLAQSHATKH"
    "KIPIKYLEFISEAIIHVLHSRHPGDFGADAQGAMNKALELFRKDIAAKYKELGYQG"
)
EXAMPLES = (
    TagExample(
        "Ubiquitin",
        "MQIFVKTLTGKTITLEVEPSDTIENVKAKIQDKEGIPPDQQRLIFAGKQLEDGRTLSDYNIQKESTLHLVLRLRGG",
        "Strands, one long helix, strands again (PDB 1UBQ).",
    ),
    TagExample("Myoglobin", MYOGLOBIN, "Nearly nothing but helices: the first protein whose structure was ever seen."),
    TagExample("Insulin, chain B", "FVNQHLCGSHLVEALYLVCGERGFFYTPKT", "Short: a helix in the middle, then a strand."),
    TagExample("Designed helix", "EAAAKEAAAKEAAAKEAAAK", "A repeat that is known to form a helix."),
    TagExample("Poly-proline", "GPPGPPGPPGPPGPPGPP", "Proline breaks helices."),
)

DATA = {
    "name": "NetSurfP-2.0 training set: 9,701 proteins, none with more than 25% identity to a test protein",
    "source": "https://github.com/J-SNACKKB/FLIP",
    "copy": "github.com/J-SNACKKB/FLIP at 62cace8735f5610e2743cf06ce0f944b37fffaa6; "
    "github.com/omarperacha/ps4-dataset at e1820264e0762fb44d496f53e08cdcb7ddf92598",
    "licence": "AFL-3.0 (FLIP), original article CC BY 4.0; CC0 1.0 (PS4)",
    "citation": "Klausen et al. 2019, NetSurfP-2.0, Proteins; Dallago et al. 2021, FLIP; Cuff & Barton 1999, CB513",
    "limits": "From the sequence alone, without related proteins, which the best methods need. Residues that were not "
    "resolved are not scored.",
}
"""What the networks learn from."""

PROTEIN_STRUCTURE = TagTask(
    key="protein-structure",
    title=mark("Secondary structure of a protein"),
    data=DATA,
    ask=mark("Paste a protein sequence, one-letter codes or FASTA"),
    question=mark("paste a sequence such as MKTAYIAKQR, or pick an example."),
    vocabulary_file=Path(__file__).parent / "protein_structure.vocabulary.json",
    columns=(Column("residue", str),),
    split=split,
    items=items,
    files=FILES,
    names={"H": mark("helix"), "E": mark("strand"), "C": mark("coil")},
    examples=EXAMPLES,
    references={mark("always coil"): 0.43, mark("windowed logistic regression"): 0.63, "TAPE, one-hot (CB513)": 0.69},
    headline="accuracy",
    colors={"H": "#d0257a", "E": "#d9a400", "C": "#858d97"},
    splits=("dev", "test", "cb513", "ts115"),
    trained=400,
    limit=600,
    prepare=prepare,
    letters=RESIDUES,
    doubtful="*X",
)
