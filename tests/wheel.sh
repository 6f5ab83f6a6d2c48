#!/bin/bash
# The wheel, as a user meets it: built, installed with the constraints in an empty environment, and used in an empty
# folder with no network. `tests/wheel.sh PYTHON` takes another Python than python3.
set -euo pipefail
repository=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
unset PLAW_DATA PLAW_RESULTS PYTHONPATH
export PIP_DISABLE_PIP_VERSION_CHECK=1 PLAW_OFFLINE=1 XDG_CACHE_HOME="$folder/cache" MPLCONFIGDIR="$folder/matplotlib"

mkdir "$folder/source" "$folder/empty"  # a copy: a build folder left in the repository would slip old files into the wheel
cp -r "$repository"/{plaw,pyproject.toml,README.md,LICENSE} "$folder/source"
"${1:-python3}" -m venv "$folder/venv"
PATH="$folder/venv/bin:$PATH"
export SOURCE_DATE_EPOCH=1577836800  # of every file in the wheel, so that the same source gives the same wheel
cp -r "$folder/source" "$folder/again"
find "$folder/again" -exec touch -d "2021-02-03 04:05:06" {} +
pip wheel --quiet --no-deps --wheel-dir "$folder" "$folder/source"
pip wheel --quiet --no-deps --wheel-dir "$folder/twice" "$folder/again"
cmp "$folder"/plaw-*.whl "$folder"/twice/plaw-*.whl || { echo "The wheel is another when it is built again." >&2; exit 1; }
pip install --quiet -c "$repository/constraints.txt" "$(echo "$folder"/plaw-*.whl)[digits]"  # with data of its own

cd "$folder/empty"
printf 'n,error\n1000,0.212\n2000,0.161\n4000,0.124\n8000,0.094\n16000,0.072\n' > curve.csv
python -c 'import plaw; print(plaw.fit_law("power", [10, 100, 1000], [0.3, 0.1, 0.03]))'
plaw doctor
plaw estimate curve.csv --target 0.03
plaw scoreboard > scoreboard.txt
head -n 5 scoreboard.txt
if grep -q "not yet run" scoreboard.txt; then
    echo "The wheel lacks recorded results: its scoreboard has rows that are not yet run." >&2
    exit 1
fi
rm curve.csv scoreboard.txt
[ -z "$(ls -A)" ] || { echo "plaw left files in the folder where it ran: $(ls -A)" >&2; exit 1; }
echo "The wheel works in an empty folder."
