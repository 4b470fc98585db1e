using System.Reflection.PortableExecutable;

namespace Samovar.Tests.Processes.Worker;

/// <summary>What a worker compiles at run time until its first result, where the library is precompiled, as in the package.</summary>
[Collection(ProcessTestCollection.Name)]
public sealed class WorkerStartCompilationTests
{
    [ProcessFact]
    public async Task The_start_of_a_worker_compiles_nothing_of_the_library()
    {
        Assert.SkipUnless(IsPrecompiled(typeof(ProcessExecutor).Assembly.Location), "The library is not precompiled; ./test builds it so (Precompile=true).");
        using var log = new TemporaryFile();
        var environment = new Dictionary<string, string?> { ["DOTNET_JitStdOutFile"] = log.Path, ["DOTNET_JitDisasmSummary"] = "1" };
        await using (var pool = new ProcessExecutor(new() { Workers = 1, Environment = environment }))
            (await pool.Submit(static () => 1)).ShouldBe(1);

        string[] compiled = await File.ReadAllLinesAsync(log.Path, TestContext.Current.CancellationToken);
        compiled.ShouldNotBeEmpty(); // the runtime compiles a few methods of its own

        // Code of the library, and collections of the framework over value types that the framework itself does not use.
        compiled.Where(static line => !line.Contains("Samovar.Tests.", StringComparison.Ordinal))
            .Where(static line => line.Contains("Samovar.", StringComparison.Ordinal) || line.Contains("System.Collections.", StringComparison.Ordinal) || line.Contains("SearchValues", StringComparison.Ordinal))
            .ShouldBeEmpty();
    }

    private static bool IsPrecompiled(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        return file.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0;
    }
}
