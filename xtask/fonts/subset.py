"""Makes public/fonts/ from IBM Plex. Run by hand, only when the character set or Plex itself changes.

    npm install --ignore-scripts @ibm/plex-sans@1.1.0 @ibm/plex-mono@1.1.0   (in a scratch folder)
    pip install fonttools brotli
    python xtask/fonts/subset.py SCRATCH_FOLDER

The full packages are used because the ready-made "latin" subsets lack arrows and comparison signs.
"Plex" is a reserved name under the licence, so a modified font carries another name inside; style
sheets may still call it as they like.
"""

import pathlib
import sys

from fontTools import subset
from fontTools.ttLib import TTFont

CHARACTERS = [
    *range(0x20, 0x7F),  # Basic Latin
    *range(0xA0, 0x100),  # Latin-1
    *map(ord, "–—‘’“”…←↑→↓≤≥⌘↵"),
]
FACES = [
    ("Sans", "Regular", 400),
    ("Sans", "Medium", 500),
    ("Sans", "SemiBold", 600),
    ("Mono", "Regular", 400),
    ("Mono", "Medium", 500),
]
OUT = pathlib.Path(__file__).resolve().parents[2] / "public" / "fonts"


def rename(font: TTFont, kind: str, style: str) -> None:
    family = f"Watchfloor {kind}"
    names = {1: family, 2: style, 4: f"{family} {style}", 6: f"Watchfloor{kind}-{style}"}
    for record in list(font["name"].names):
        if record.nameID in names:
            record.string = names[record.nameID]
        elif record.nameID in (3, 16, 17, 21, 22, 25):
            font["name"].names.remove(record)


def main(scratch: pathlib.Path) -> None:
    options = subset.Options()
    options.flavor = "woff2"
    options.hinting = False
    options.layout_features = ["kern", "tnum", "mark"]
    options.name_IDs = [0, 1, 2, 4, 5, 6, 13, 14]
    OUT.mkdir(parents=True, exist_ok=True)
    for kind, style, weight in FACES:
        package = scratch / "node_modules" / "@ibm" / f"plex-{kind.lower()}"
        source = package / "fonts" / "complete" / "woff2" / f"IBMPlex{kind}-{style}.woff2"
        font = subset.load_font(source, options)
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=CHARACTERS)
        subsetter.subset(font)
        rename(font, kind, style)
        target = OUT / f"plex-{kind.lower()}-{weight}.woff2"
        subset.save_font(font, target, options)
        print(target.name, target.stat().st_size, "bytes")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
