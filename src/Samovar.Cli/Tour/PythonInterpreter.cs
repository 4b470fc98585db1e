using System.ComponentModel;
using Samovar.Cli.Doctor;

namespace Samovar.Cli.Tour;

/// <summary>The Python that runs the lessons' counterparts.</summary>
/// <param name="File">The path of the interpreter. <c>python3</c> in PATH may be a script that looks for it, which takes time at each start.</param>
/// <param name="Version">Such as 3.11.7.</param>
internal sealed record PythonInterpreter(string File, Version Version)
{
    private const string Name = "python3";
    private const string Probe = "import sys; print('.'.join(map(str, sys.version_info[:3]))); print(sys.executable)";

    private static readonly Version s_oldest = new(3, 8);
    private static readonly TimeSpan s_timeLimit = TimeSpan.FromSeconds(30);

    /// <summary>Finds the Python that <c>python3</c> starts.</summary>
    /// <param name="cancellation">Stops the search.</param>
    /// <exception cref="UsageException">No python3 is found, it does not run, or it is too old; the exit code is <see cref="ExitCode.Unfit"/>.</exception>
    public static async Task<PythonInterpreter> FindAsync(CancellationToken cancellation)
    {
        string file = ProgramFiles.Find(Name) ?? throw Unfit($"there is no {Name} in PATH.");
        ProcessResult result;
        try
        {
            var process = new ChapterProcess(file, ["-c", Probe]) { CapturesErrors = true, TimeLimit = s_timeLimit };
            result = await process.RunAsync(static _ => { }, cancellation);
        }
        catch (Win32Exception error)
        {
            throw Unfit($"{file} cannot be started ({error.Message}).");
        }

        if (SideRun.Of($"'{file} -c …'", result, s_timeLimit) is { Reason: { } reason } probe) throw Unfit($"{probe.Program} {reason}.");
        if (result.Output is not [var number, var executable, ..] || !Version.TryParse(number, out Version? version))
            throw Unfit($"{file} does not report its version.");
        if (version < s_oldest) throw Unfit($"{file} is Python {version}.");
        return new(executable.Length > 0 ? executable : file, version);
    }

    private static UsageException Unfit(string problem) =>
        new($"--beside-python runs Python programs, and {problem} Install Python {s_oldest} or later, or omit the option.", ExitCode.Unfit);
}
