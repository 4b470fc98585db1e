# shellcheck shell=bash
# Checks of the templates; build/test-packages reads this file.

check_template_pool() {
    new samovar-pool -n my-pool -o .
    build
    limited 60 dotnet run --no-build >output
    contains "9592 primes below 100000" output
    contains "1000: 168" output
}

check_template_map() {
    new samovar-map -n Try -o .
    build
    expect $'samovar: 7 letters, 3 vowels\nkettle: 6 letters, 2 vowels\nteapot: 6 letters, 3 vowels' dotnet run --no-build
}

check_template_file() {
    new samovar-file -n try -o .
    build_file try.cs
    expect $'9592 primes below 100000\n4\n25\n168' dotnet run try.cs
}

check_template_worker() {
    new samovar-worker -n Try -o .
    build -o bin
    # The program takes itself for a service of systemd if its parent has that name, and reports its state to NOTIFY_SOCKET.
    local notified=
    cat >systemd <<END
#!$(command -v bash)
trap : TERM
dotnet bin/Try.dll &
while kill -0 \$! 2>/dev/null; do wait \$!; code=\$?; done
exit \$code
END
    chmod +x systemd
    if python3 -c '' 2>/dev/null; then
        python3 -c 'import socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind("notify"); s.settimeout(60)
print(s.recv(99).decode(), flush=True); print(s.recv(99).decode(), flush=True)' >states &
        notified=$!
        await_path notify
        export NOTIFY_SOCKET=$PWD/notify
    fi
    start ./systemd
    await_text "$program" "Job 2 started" output
    stop
    local job
    for job in $(sed -n 's/.*Job \([0-9]*\) started.*/\1/p' output); do contains "Job $job completed: " output; done
    if [[ -n $notified ]]; then
        wait "$notified"
        contains READY=1 states
        contains STOPPING=1 states
    fi
}

await_path() { for ((try = 0; try < 100; try++)); do [[ ! -e $1 ]] || return 0; sleep 0.1; done; return 1; }

check_template_web() {
    new samovar-web -n Try -o .
    build
    start env ASPNETCORE_URLS=http://127.0.0.1:0 dotnet run --no-build
    address
    limited 60 curl --silent --show-error --fail "$url/" >page
    contains "9592 primes below 100000" page
    local worker
    worker=$(sed -n 's/.*process \([0-9]*\)\..*/\1/p' page)
    [[ ! -d /proc/$worker ]] || contains Samovar.dll "/proc/$worker/cmdline"
    expect Healthy curl --silent --show-error --max-time 60 "$url/health"
    # Both workers get a page that never completes; when its clients have disconnected, a page is served again.
    local visitor
    for visitor in 1 2; do curl --silent --max-time 3 "$url/?limit=2147483647" & done
    sleep 4
    limited 60 curl --silent --show-error --fail "$url/?limit=10" >page
    contains "4 primes below 10" page
    stop
}
