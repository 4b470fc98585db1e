# shellcheck shell=bash
# What the checks of packages share; build/test-packages reads this file.

limited() { timeout -k 10 "$@"; }

# Copies a program of tests/Packages into the current folder.
copy() {
    cp -R "$root/tests/Packages/$1/." .
    find . -type f -exec sed -i "s/SAMOVAR-VERSION/$version/g" {} +
}

# Passes its arguments to dotnet build; a warning is an error.
build() { limited 240 dotnet build -v quiet -warnaserror "$@"; }
build_file() { limited 240 dotnet build "$1" -v quiet -p:TreatWarningsAsErrors=true -p:MSBuildTreatWarningsAsErrors=true; }
publish() { limited 400 dotnet publish -v quiet -o out "$@"; }

expect() { # expect TEXT COMMAND…: the command succeeds, and its output is TEXT
    local text=$1 output code=0
    shift
    if declare -F "$1" >/dev/null; then output=$("$@") || code=$?; else output=$(limited 60 "$@") || code=$?; fi
    if [[ $code != 0 || $output != "$text" ]]; then
        printf '%s: exit code %d, expected output:\n%s\nactual:\n%s\n' "$*" "$code" "$text" "$output"
        return 1
    fi
}

contains() { # contains TEXT FILE
    grep -aqF -- "$1" "$2" || { printf '%s lacks: %s\n' "$2" "$1"; cat "$2"; return 1; }
}

fails() { # fails FILE COMMAND…: the command fails; its output is in FILE
    local file=$1
    shift
    if "$@" >"$file" 2>&1; then echo "expected to fail: $*"; cat "$file"; return 1; fi
}

skip() { echo "$1" >skipped; exit 0; }

# Waits until a line of a file that a process writes contains a text.
await_text() { # await_text PROCESS TEXT FILE
    for ((try = 0; try < 300; try++)); do
        if grep -qF -- "$2" "$3"; then return 0; fi
        kill -0 "$1" 2>/dev/null || break
        sleep 0.2
    done
    echo "no '$2' in $3:"
    cat "$3"
    return 1
}

# Starts a program in a process group of its own, as a service manager does; $program is its process.
start() {
    set -m
    "$@" >output 2>&1 </dev/null &
    program=$!
    set +m
    trap 'kill -KILL -- "-$program" 2>/dev/null || :' EXIT # if the check fails before it stops the program
}

stop() { # SIGTERM to the whole group; the program exits with code 0
    local code=0
    kill -TERM -- "-$program"
    for ((try = 0; try < 300; try++)); do
        kill -0 "$program" 2>/dev/null || break
        sleep 0.2
    done
    kill -KILL -- "-$program" 2>/dev/null || :
    wait "$program" || code=$?
    if ((code != 0)); then echo "exit code $code after SIGTERM"; cat output; return 1; fi
}

address() {
    await_text "$program" "Now listening on: " output
    url=$(sed -n 's/.*Now listening on: \(http[^ ]*\).*/\1/p' output | head -n 1)
}

answer="42, 1 4 9, no tea, 3 tea, thread" # of tests/Packages/console

# The framework-dependent program that the checks of its surroundings share: published by the first of them.
published=$work/published
need_published() {
    (
        flock 9
        [[ ! -d $published/out ]] || exit 0
        mkdir -p "$published"
        cd "$published"
        copy console
        publish -warnaserror || { rm -rf out; exit 1; }
    ) 9>"$work/published.lock"
}

new() { # new TEMPLATE NAME: in the current folder
    (
        flock 9
        [[ -f $work/templates.log ]] || limited 120 dotnet new install "$feed/Samovar.Templates.$version.nupkg" >"$work/templates.log" 2>&1
    ) 9>"$work/templates.lock" || { cat "$work/templates.log"; return 1; }
    limited 60 dotnet new "$@" --no-update-check
}
