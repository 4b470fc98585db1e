using System.Diagnostics;

namespace Samovar.Tests.Serialization;

public sealed class AcrossProcessesTests
{
    [ProcessFact]
    public async Task Hash_tables_and_closures_work_in_a_process_where_strings_hash_differently()
    {
        // Both programs are built side by side: bin/<project>/<configuration>.
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        string program = Path.Combine(here.Parent!.Parent!.FullName, "Samovar.Stress", here.Name, "Samovar.Stress.dll");
        var start = new ProcessStartInfo("dotnet") { UseShellExecute = false, RedirectStandardOutput = true };
        start.ArgumentList.Add(program);
        start.ArgumentList.Add("across");
        using var process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        process.ExitCode.ShouldBe(0, output);
        output.ShouldContain("another hash seed");
    }
}
