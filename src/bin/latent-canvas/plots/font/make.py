"""Makes LatentCanvasSans-Regular.ttf: the letters that the plots use, of Source Sans 3, which is the page's font.

    npm pack @fontsource/source-sans-3@5.3.1 && tar xzf fontsource-source-sans-3-5.3.1.tgz
    pip install fonttools==4.68.0 brotli
    python make.py package/files/source-sans-3-latin-400-normal.woff2 LatentCanvasSans-Regular.ttf
"""

import sys
from fontTools.ttLib import TTFont
from fontTools import subset
text = ''.join(map(chr, range(0x20, 0x7f))) + '\u2212\u2013\u00b1\u00d7\u00b7\u00b2\u2026'
font = TTFont(sys.argv[1])
kept_names = [0, 1, 2, 3, 4, 5, 6, 13, 14]
options = subset.Options(hinting=False, layout_features=['kern', 'lnum', 'tnum'], name_IDs=kept_names)
chosen = subset.Subsetter(options)
chosen.populate(text=text)
chosen.subset(font)
# The licence keeps the name "Source" for the unchanged font.
family, full = 'Latent Canvas Sans', 'LatentCanvasSans-Regular'
names = {1: family, 2: 'Regular', 3: full, 4: family, 6: full}
for number, name in names.items():
    font['name'].setName(name, number, 3, 1, 0x409)
font['name'].names = [n for n in font['name'].names if n.nameID in kept_names]
font.flavor = None
font.save(sys.argv[2])
