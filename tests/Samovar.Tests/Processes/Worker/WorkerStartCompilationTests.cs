using System.Reflection.PortableExecutable;

namespace Samovar.Tests.Processes.Worker;

/// <summary>What a worker compiles at run time until its first result, where the library is precompiled, as in the package.</summary>
[Collection(ProcessTestCollection.Name)]
public sealed class WorkerStartCompilationTests
{
    private static readonly string[] s_notWanted = ["Samovar.", "System.Collections.", "SearchValues"];

    [ProcessFact]
    public Task The_start_of_a_worker_compiles_nothing_of_the_library() => CompilesNothingOfTheLibraryAsync(static async environment =>
    {
        await using var pool = new ProcessExecutor(new() { Workers = 1, Environment = environment });
        return await pool.Submit(static () => 1);
    });

    [ProcessFact]
    public Task The_start_of_a_child_compiles_nothing_of_the_library() => CompilesNothingOfTheLibraryAsync(static async environment =>
    {
        await using var child = ChildProcess.Start(static () => 1, new() { Environment = environment });
        return await child.JoinAsync();
    });

    [ProcessFact]
    public Task A_task_with_common_captures_compiles_nothing_of_the_library() => CompilesNothingOfTheLibraryAsync(static async environment =>
    {
        await using var pool = new ProcessExecutor(new() { Workers = 1, Environment = environment });
        int[] numbers = [1];
        double[] weights = [1];
        string text = "a";
        bool isOn = true;
        object unused = new(); // so that the closure travels in part
        Func<bool> other = () => unused is null;
        return await pool.Submit(() => isOn ? numbers.Length + weights.Length - text.Length : 0) + (other() ? 1 : 0);
    });

    [ProcessFact]
    public Task A_map_over_texts_compiles_nothing_of_the_library() => CompilesNothingOfTheLibraryAsync(static async environment =>
    {
        await using var pool = new ProcessExecutor(new() { Workers = 1, Environment = environment });
        return (await pool.Map(["a"], static text => text + "b").ToListAsync()).Count;
    });

    private static async Task CompilesNothingOfTheLibraryAsync(Func<Dictionary<string, string?>, Task<int>> run)
    {
        Assert.SkipUnless(IsPrecompiled(typeof(ProcessExecutor).Assembly.Location), "The library is not precompiled; ./test builds it so (Precompile=true).");
        using var log = new TemporaryFile();
        (await run(new() { ["DOTNET_JitStdOutFile"] = log.Path, ["DOTNET_JitDisasmSummary"] = "1" })).ShouldBe(1);

        string[] compiled = await File.ReadAllLinesAsync(log.Path, TestContext.Current.CancellationToken);
        compiled.ShouldNotBeEmpty(); // the runtime compiles a few methods of its own

        // Code of the library, collections of the framework over value types that the framework itself does not use, and the parser of type names.
        // Precompiled methods that are compiled again because they run often (Tier1) do not count.
        compiled.Where(static line => !line.Contains("Samovar.Tests.", StringComparison.Ordinal) && !line.Contains("Tier1", StringComparison.Ordinal))
            .Where(static line => s_notWanted.Any(part => line.Contains(part, StringComparison.Ordinal)))
            .ShouldBeEmpty();
    }

    private static bool IsPrecompiled(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        return file.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0;
    }
}
