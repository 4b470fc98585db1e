using System.Diagnostics;
using System.Text;

namespace Samovar.Tests.Processes;

/// <summary>Runs a program as a user would, with its output.</summary>
internal sealed class ProgramRun : IDisposable
{
    private readonly Process _process;

    private ProgramRun(Process process) => _process = process;

    public static string ChildDirectory => AppContext.BaseDirectory;

    public static string ChildProgram => Path.Combine(ChildDirectory, "Samovar.Tests.Child.dll");

    public int Id => _process.Id;

    public static ProgramRun Start(string file, string[] arguments, string? channel = null)
    {
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false };
        start.Environment["DOTNET_EnableDiagnostics"] = "0"; // killed, it would leave its socket
        if (channel is not null)
            start.Environment["SAMOVAR_CHANNEL"] = channel;
        return new ProgramRun(Process.Start(start)!);
    }

    public static async Task<string> OutputOfAsync(string file, params string[] arguments)
    {
        using ProgramRun run = Start(file, arguments);
        CancellationToken token = TestContext.Current.CancellationToken;
        Task<string> errors = run._process.StandardError.ReadToEndAsync(token);
        var text = new StringBuilder(await run._process.StandardOutput.ReadToEndAsync(token));
        await run._process.WaitForExitAsync(token);
        return text.Append(await errors).ToString();
    }

    public async Task<string> LineAsync() => await _process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) ?? "";

    public void Kill() => _process.Kill();

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}
