using Samovar.Cli.Doctor;
using Samovar.Cli.Tour;

namespace Samovar.Cli.Tests;

/// <summary>A folder whose <c>python3</c> is a shell script, to be put first in PATH.</summary>
internal sealed class FakePython : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-python-");

    /// <param name="script">What runs in the place of a program, whose path is <c>$4</c>.</param>
    /// <param name="version">The version that it reports.</param>
    public FakePython(string script, string version = "3.11.0")
    {
        string path = Path.Combine(_folder.FullName, "python3");
        File.WriteAllText(path, $"#!/bin/sh\nif [ \"$1\" = -c ]; then printf '{version}\\n%s\\n' \"$0\"; exit; fi\n{script}\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>The environment in which this is the first <c>python3</c>.</summary>
    public (string Name, string? Value)[] Variables =>
        [("PATH", $"{_folder.FullName}{Path.PathSeparator}{Environment.GetEnvironmentVariable("PATH")}")];

    /// <summary>The real interpreter, with small sizes for the lessons that take Python long. Skips the test where it is not installed.</summary>
    public static async Task<FakePython> WithSmallSizesAsync()
    {
        SkipOnWindows();
        SkipUnlessInstalled();
        PythonInterpreter python = await PythonInterpreter.FindAsync(TestContext.Current.CancellationToken);
        return new(
            $"""
            case "$4" in
                */10-*) set -- "$@" 1000 ;;
                */12-* | */13-*) set -- "$@" 0.01 ;;
            esac
            exec '{python.File}' "$@"
            """,
            python.Version.ToString());
    }

    public static void SkipOnWindows() => Assert.SkipWhen(OperatingSystem.IsWindows(), "a shell script replaces python3");

    public static void SkipUnlessInstalled() => Assert.SkipWhen(ProgramFiles.Find("python3") is null, "python3 is not installed");

    public void Dispose() => _folder.Delete(recursive: true);
}
