# shellcheck shell=bash
# Checks of the programs in this folder; build/test-packages reads this file.

check_console() { copy console && build -o bin && expect "$answer" dotnet bin/Console.dll; }
check_cache() { # SQLite comes with the package; a second process finds the result
    copy cache
    build -o bin
    expect "42, 42, 1 kept, computed 1 time" dotnet bin/Cache.dll
    expect "42, 42, 2 kept, computed 1 time" dotnet bin/Cache.dll
}

check_fsharp() { copy fsharp && build -o bin && expect "42 from F#" dotnet bin/FSharp.dll; }
check_file() { copy file && build_file app.cs && expect "42 from a file" dotnet run app.cs; }
check_xunit() { copy xunit && build -o bin && limited 60 dotnet bin/Tests.dll -noLogo -noColor >output && contains "Total: 2, Errors: 0, Failed: 0, Skipped: 0" output; }

check_web() {
    copy web
    build -o bin
    start env ASPNETCORE_URLS=http://127.0.0.1:0 dotnet bin/Web.dll
    address
    expect "42 from a page" curl --silent --show-error --max-time 60 "$url/20"
    stop
}

check_analyzer() {
    copy analyzer
    fails output build
    contains "error SAM0001: " output
    contains "Program.cs(5," output
}

check_old_runtime() {
    copy net8
    fails output limited 120 dotnet restore
    contains "error NU1202: Package Samovar $version is not compatible with net8.0" output
    contains "net10.0" output
}

check_tool() {
    copy tool
    limited 240 dotnet tool install Samovar.Cli --tool-path tools --version "$version"
    limited 60 tools/samovar --version >output
    contains "$version" output
    printf 'one\nthree\n' >lines.txt
    expect $'3\n5' tools/samovar map lines.cs --input lines.txt --keep-order
}
