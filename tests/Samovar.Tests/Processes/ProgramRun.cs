using System.Diagnostics;

namespace Samovar.Tests.Processes;

/// <summary>Runs a program as a user would, with its output.</summary>
internal sealed class ProgramRun : IDisposable
{
    private readonly Process _process;

    private ProgramRun(Process process) => _process = process;

    public static string ChildDirectory => AppContext.BaseDirectory;

    public static string ChildProgram => Path.Combine(ChildDirectory, "Samovar.Tests.Child.dll");

    public int Id => _process.Id;

    public static ProgramRun Start(string file, string[] arguments, string? channel = null, string? executableMemory = null, (string Name, string Value)? variable = null)
    {
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false };
        start.Environment["DOTNET_EnableDiagnostics"] = "0"; // killed, it would leave its socket
        if (channel is not null) start.Environment["SAMOVAR_CHANNEL"] = channel;
        if (executableMemory is not null) start.Environment["DOTNET_EnableWriteXorExecute"] = executableMemory;
        if (variable is { } set) start.Environment[set.Name] = set.Value;
        return new ProgramRun(Process.Start(start)!);
    }

    public static async Task<string> OutputOfAsync(string file, params string[] arguments)
    {
        using ProgramRun run = Start(file, arguments);
        var (_, output, errors) = await run.EndAsync();
        return output + errors;
    }

    /// <summary>Waits for its end; gives its exit code, and what is not yet read of its streams.</summary>
    public async Task<(int ExitCode, string Output, string Errors)> EndAsync()
    {
        CancellationToken token = TestContext.Current.CancellationToken;
        Task<string> errors = _process.StandardError.ReadToEndAsync(token);
        string output = await _process.StandardOutput.ReadToEndAsync(token);
        await _process.WaitForExitAsync(token);
        return (_process.ExitCode, output, await errors);
    }

    public async Task<string> LineAsync() => await _process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) ?? "";

    public void Kill() => _process.Kill();

    /// <summary>Types into it.</summary>
    public async Task TypeAsync(string text)
    {
        await _process.StandardInput.WriteAsync(text.AsMemory(), TestContext.Current.CancellationToken);
        await _process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}
