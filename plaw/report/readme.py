"""What README.md shows of the records: python -m plaw.report.readme writes its findings and its picture again."""

import re
from pathlib import Path

from plaw.report import claims, gallery, plotting

README = Path(__file__).parents[2] / "README.md"
FINDINGS = re.compile(r"(?<=<!-- claims -->\n\n).*?(?=\n\n<!-- end -->)", re.DOTALL)


def main() -> None:
    """Write both, from the records of the book."""
    text = README.read_text(encoding="utf-8")
    README.write_text(FINDINGS.sub(lambda _: claims.headlines(), text), encoding="utf-8")
    plotting.use_style()
    gallery.overview().savefig(gallery.PICTURE)


if __name__ == "__main__":
    main()
