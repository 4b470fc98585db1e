# shellcheck shell=bash
# Checks of modes of publishing, and of what surrounds a published program; build/test-packages reads this file.

alone() { limited 60 env -i PATH=/nonexistent HOME="$work" "$@"; } # without dotnet

check_framework_dependent() {
    need_published
    expect "$answer" dotnet "$published/out/Console.dll"
    expect "$answer" "$published/out/Console"
}

check_self_contained() { copy console && publish -warnaserror --ucr --self-contained && expect "$answer" alone out/Console; }
check_ready_to_run() { copy console && publish -warnaserror --ucr --self-contained false -p:PublishReadyToRun=true && expect "$answer" dotnet out/Console.dll; }
check_single_file() { copy console && publish -warnaserror --ucr --self-contained false -p:PublishSingleFile=true && one_file && expect "$answer" out/Console; }
check_single_file_self_contained() { copy console && publish -warnaserror --ucr --self-contained -p:PublishSingleFile=true && one_file && expect "$answer" alone out/Console; }
check_trimmed() { copy console && publish -warnaserror --ucr -p:PublishTrimmed=true && expect "$answer" alone out/Console; }
one_file() { [[ $(ls out | grep -cv '\.pdb$') == 1 ]] || { ls -l out; return 1; }; }

check_native_aot() {
    command -v clang >/dev/null || command -v gcc >/dev/null || skip "no clang or gcc, which link the program"
    copy aot
    publish -warnaserror --ucr -p:PublishAot=true
    expect "42 2 3" alone out/Aot
}

# The compiler warns; the runtime's switches are those of the published program already after a build.
check_native_aot_processes() {
    copy console
    limited 240 dotnet build -v quiet -p:PublishAot=true -o bin >output
    contains "warning IL3050: Using member 'Samovar.ProcessExecutor.ProcessExecutor(ProcessExecutorOptions)'" output
    fails error dotnet bin/Console.dll
    contains "System.PlatformNotSupportedException: Worker processes" error
    contains "PublishAot" error
}

check_no_run_if_worker() {
    copy console
    sed -i '/RunIfWorker/d' Program.cs
    publish --ucr --self-contained false -p:PublishSingleFile=true >output
    contains "warning SAM0007: " output
    fails error out/Console
    contains "Samovar.WorkerStartException" error
    contains "ProcessWorker.RunIfWorker(args)" error
}

check_other_directory() { need_published && cd / && expect "$answer" dotnet "$published/out/Console.dll"; }
check_no_home() { need_published && expect "$answer" env -u HOME -u XDG_DATA_HOME -u DOTNET_CLI_HOME dotnet "$published/out/Console.dll"; }
check_few_files() { need_published && ulimit -n 256 && expect "$answer" dotnet "$published/out/Console.dll"; }

check_one_core() {
    command -v taskset >/dev/null || skip "no taskset"
    need_published
    expect "$answer" taskset -c 0 dotnet "$published/out/Console.dll"
}

check_other_user() {
    if ((UID != 0)) || ! command -v setpriv >/dev/null; then skip "needs root and setpriv"; fi
    need_published
    expect "$answer" setpriv --reuid=65534 --regid=65534 --clear-groups env -i PATH="$PATH" dotnet "$published/out/Console.dll"
}

# in_mounts MOUNTS [ARGUMENT…]: runs the program in a mount namespace of its own, after a script of mounts.
in_mounts() {
    local mounts=$1 namespace=(unshare -m)
    shift
    ((UID == 0)) || namespace=(unshare -rm)
    "${namespace[@]}" bash -ec "$mounts; exec \"\$@\"" bash timeout -k 10 60 dotnet "$published/out/Console.dll" "$@"
}
need_mounts() {
    unshare -m true 2>/dev/null || unshare -rm true 2>/dev/null || skip "mount namespaces are not permitted"
    need_published
}

read_only="mount -o remount,bind,ro /"
no_shm="mount -t tmpfs -o ro tmpfs /dev/shm; $read_only"
check_read_only() { need_mounts && expect "$answer" in_mounts "$read_only"; }

check_no_shm() {
    need_mounts
    expect "$answer" in_mounts "$no_shm"
    fails output in_mounts "$no_shm" name
    contains "System.IO.IOException: A shared object with a name needs an entry in /dev/shm/samovar-" output
    contains "Make its parent directory writable" output
}
